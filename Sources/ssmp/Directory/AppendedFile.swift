// Files that grow.

import Glibc
import SSMPTransport

/// A file that lines are appended to. It is opened for each line, so that a thousand of them need
/// no descriptors, and that a user may move or remove it.
struct AppendedFile {
  let path: String
  /// The size in bytes from which on the file is renamed to `NAME.1`, in place of an earlier one.
  let limit: Int
  /// The lines that could not be written since the last one that was.
  private(set) var lost = 0
  private var reason = ""

  init(_ path: String, limit: Int) {
    (self.path, self.limit) = (path, limit)
  }

  /// Makes the file if there is none.
  func touch() throws(SystemError) { close(try FileSystem.open(path, O_WRONLY | O_CREAT)) }

  /// Appends a line, whole or not at all, and in front of it how many were lost before.
  mutating func append(_ line: [UInt8]) throws(SystemError) {
    let missing = lost > 0 ? LogLine.notice("\(lost) lines could not be written: \(reason)") : []
    do throws(SystemError) {
      try write(missing + line)
      lost = 0
    } catch {
      lost += 1
      reason = error.reason
      throw error
    }
  }

  private func write(_ bytes: [UInt8]) throws(SystemError) {
    var descriptor = try FileSystem.open(path, O_WRONLY | O_APPEND | O_CREAT)
    defer { close(descriptor) }
    var size = Int(FileSystem.status(descriptor)?.st_size ?? 0)
    if size > 0, size + bytes.count > limit {
      guard unsafe rename(path, "\(path).1") == 0 else { throw SystemError("rename") }
      let next = try FileSystem.open(path, O_WRONLY | O_APPEND | O_CREAT)
      close(descriptor)
      (descriptor, size) = (next, 0)
    }
    do throws(SystemError) {
      try FileSystem.write(bytes, to: descriptor)
    } catch {
      // The disk is full: the beginning of a line does not stay.
      _ = ftruncate(descriptor, size)
      throw error
    }
  }
}
