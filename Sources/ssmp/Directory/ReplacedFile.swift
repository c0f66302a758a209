// Files that are replaced as a whole.

import Glibc
import SSMPTransport

/// A file whose readers see either the old content or the new one.
struct ReplacedFile {
  let path: String
  private var content: [UInt8]?

  init(_ path: String) {
    self.path = path
  }

  /// Gives the file this content, unless it has it.
  mutating func write(_ content: [UInt8]) throws(SystemError) {
    guard content != self.content else { return }
    try Self.replace(path, content)
    self.content = content
  }

  /// Writes a file beside the one at `path`, and gives it that name.
  static func replace(_ path: String, _ content: [UInt8]) throws(SystemError) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let hidden = "\(path[..<slash]).\(path[slash...]).new"
    let descriptor = try FileSystem.open(hidden, O_WRONLY | O_CREAT | O_TRUNC)
    do throws(SystemError) {
      defer { close(descriptor) }
      try FileSystem.write(content, to: descriptor)
    } catch {
      unsafe unlink(hidden)
      throw error
    }
    guard unsafe rename(hidden, path) == 0 else {
      let error = SystemError("rename")
      unsafe unlink(hidden)
      throw error
    }
  }
}
