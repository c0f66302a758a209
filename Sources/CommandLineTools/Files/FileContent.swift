// Small files, read as a whole.

import Glibc

/// Why a file could not be read. The description is the end of a sentence that begins with the
/// path.
public enum FileFault: Error, Equatable, CustomStringConvertible {
  /// A system call failed and left this code in `errno`.
  case unreadable(Int32)
  /// It is a pipe, a device or a folder, and the reader cannot wait for it.
  case notRegular

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .unreadable(let code): unsafe "cannot be read: \(String(cString: strerror(code)))"
    case .notRegular: "is no regular file, which alone can be read again"
    }
  }
}

/// The content of a file that was read as a whole.
public struct FileContent: Sendable {
  /// The bytes. If there are more of them than the limit, the file was larger than that, and its
  /// end is missing.
  public let bytes: [UInt8]
  /// The permission bits of `st_mode`.
  public let permissions: mode_t
  /// False for pipes and devices.
  public let isRegular: Bool
  /// False if another process changed the file while it was read. It means something for regular
  /// files within the limit.
  public let isUnchanged: Bool

  /// Reads the file at `path`.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that it should have. Reading ends soon after them.
  ///   - waits: whether to wait for the other end of a pipe. If false, only a regular file is read.
  public init(of path: String, limit: Int, waits: Bool = true) throws(FileFault) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
    guard descriptor != -1 else { throw .unreadable(errno) }
    defer { close(descriptor) }
    let before = try Self.status(descriptor)
    isRegular = before.st_mode & S_IFMT == S_IFREG
    permissions = before.st_mode & 0o777
    guard waits || isRegular else { throw .notRegular }
    bytes = try Self.read(descriptor, limit)
    let after = try Self.status(descriptor)
    isUnchanged =
      after.st_size == bytes.count && after.st_mtim.tv_sec == before.st_mtim.tv_sec
      && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
  }

  /// The content as a file of one line: without a byte order mark in front and without the line end
  /// behind it.
  public var line: ArraySlice<UInt8> {
    var line = bytes[...]
    // Some editors mark UTF-8 with these bytes.
    if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    if line.last == UInt8(ascii: "\n") {
      line.removeLast()
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
    }
    return line
  }

  private static func status(_ descriptor: Int32) throws(FileFault) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
    return status
  }

  private static func read(_ descriptor: Int32, _ limit: Int) throws(FileFault) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .unreadable(errno) }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }
}
