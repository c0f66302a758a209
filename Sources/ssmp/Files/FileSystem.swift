// Directories and files, by their paths.

import Glibc
import SSMPTransport

/// The calls of the file system that several files here need.
enum FileSystem {
  /// Makes a directory for this user alone; true if it is new.
  ///
  /// - Throws: what else there is in its place, or why it cannot be made.
  @discardableResult
  static func makeDirectory(_ path: String) throws(SystemError) -> Bool {
    if unsafe mkdir(path, 0o700) == 0 { return true }
    let code = errno
    guard code == EEXIST, isDirectory(path) else { throw SystemError("mkdir", code: code == EEXIST ? ENOTDIR : code) }
    return false
  }

  /// True for a directory, false for a symbolic link to one.
  static func isDirectory(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

  /// True if there is anything of this name.
  static func exists(_ path: String) -> Bool { status(path) != nil }

  /// What the system says of a file, and not of what a symbolic link points to.
  static func status(_ path: String) -> stat? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status : nil
  }

  /// What the system says of an open file.
  static func status(_ descriptor: Int32) -> stat? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? status : nil
  }

  /// The names in a directory, but those that begin with a dot.
  static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes all bytes, and waits for a descriptor that another program has set not to wait.
  static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&state, 1, -1)
        continue
      }
      guard count > 0 else { throw SystemError("write", code: count == 0 ? ENOSPC : errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Opens a regular file. It waits for nothing, and does not follow a symbolic link.
  static func open(_ path: String, _ flags: Int32) throws(SystemError) -> Int32 {
    let descriptor = unsafe Glibc.open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o600)
    guard descriptor != -1 else { throw SystemError("open") }
    guard let status = status(descriptor), status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      // Its words are "Operation not supported".
      throw SystemError("open", code: EOPNOTSUPP)
    }
    return descriptor
  }
}
