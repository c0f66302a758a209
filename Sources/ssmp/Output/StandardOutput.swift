// Standard output, whose errors count.

import CommandLineTools
import Glibc
import SSMPTransport

/// Writes at once, and says if it cannot.
enum StandardOutput {
  /// Writes all bytes.
  ///
  /// - Throws: `Failure`: quietly if nobody reads any more, as `head` does when it has enough.
  static func write(_ bytes: [UInt8]) throws {
    do throws(SystemError) {
      try FileSystem.write(bytes, to: STDOUT_FILENO)
    } catch {
      if error.code == EPIPE { throw Failure(.brokenPipe, nil) }
      throw Failure(.refused, "standard output cannot be written: \(error.reason)")
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
