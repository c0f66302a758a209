// Files and sockets that last as long as a test.

import Foundation
import Testing

/// A file of its own, removed with this value.
final class TemporaryFile: Sendable {
  let path: String

  /// A file with this content.
  init(_ content: [UInt8]) throws {
    path = Self.newPath()
    try write(content)
  }

  convenience init(_ content: String) throws {
    try self.init(Array(content.utf8))
  }

  deinit {
    unlink(path)
  }

  func write(_ content: [UInt8]) throws {
    try Data(content).write(to: URL(fileURLWithPath: path))
  }

  /// A path where nothing is, short enough for a unix socket.
  static func newPath() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString.prefix(13))").path
  }
}
