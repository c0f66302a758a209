// Output that a program does not buffer.

import Glibc

/// Writes to the standard descriptors, at once and whatever they are. Errors are ignored: there is
/// nobody to tell.
public enum Output {
  /// Writes a text, without adding a line end, to standard output.
  public static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes a text, without adding a line end, to standard error.
  public static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
