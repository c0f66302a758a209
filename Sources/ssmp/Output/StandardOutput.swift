// Standard output, whose errors count.

import CommandLineTools
import Glibc

/// Writes at once, and says if it cannot.
enum StandardOutput {
  /// Writes all bytes.
  ///
  /// - Throws: `Failure`: quietly if nobody reads any more, as `head` does when it has enough.
  static func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        // Another program has set it so.
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&descriptor, 1, -1)
        continue
      }
      guard count >= 0 else {
        let code = errno
        if code == EPIPE { throw Failure(.brokenPipe, nil) }
        throw Failure(.refused, unsafe "standard output cannot be written: \(String(cString: strerror(code)))")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Bytes from elsewhere as they may be written: lines whose control characters do nothing, if this is a terminal.
  static func guarded(_ bytes: [UInt8]) -> [UInt8] {
    guard isatty(STDOUT_FILENO) == 1 else { return bytes }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return Array(lines.map { EventPrinter.guarded(Array($0)) }.joined(separator: "\n").utf8)
  }

  /// Writes a text.
  static func write(_ text: String) throws { try write(Array(text.utf8)) }
}
