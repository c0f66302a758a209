// Reading of files that settings name.

import Glibc

/// A file that a setting names, read as a whole.
enum SettingFile {
  /// What is in a file.
  struct Content {
    let bytes: [UInt8]
    /// Who may do what with the file, as in `st_mode`.
    let permissions: mode_t
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - setting: the option that names it, for messages.
  ///   - limit: the most bytes it may have.
  static func read(
    _ path: String, of setting: String, limit: Int, _ reading: inout FileReading
  ) throws(ConfigurationError) -> Content {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (reading.mayWait ? 0 : O_NONBLOCK))
    guard descriptor != -1 else { throw failed(setting, path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed(setting, path) }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    guard reading.mayWait || isRegular else {
      throw fault(setting, path, "is no regular file, which alone can be read again")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw failed(setting, path) }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    if isRegular, bytes.count <= limit { try refuseHalf(bytes, descriptor, status, setting, path, &reading) }
    return Content(bytes: bytes, permissions: status.st_mode & 0o777)
  }

  /// Refuses a file that somebody is writing, or has not written to its end: what is cut off opens what it should close
  /// (`status/` of `status/%i/`), and all that can be seen of it is that the last line does not end.
  private static func refuseHalf(
    _ bytes: [UInt8], _ descriptor: Int32, _ before: stat, _ setting: String, _ path: String,
    _ reading: inout FileReading
  ) throws(ConfigurationError) {
    var after = stat()
    guard fstat(descriptor, &after) == 0 else { throw failed(setting, path) }
    let isSame =
      after.st_size == Int(bytes.count) && after.st_mtim.tv_sec == before.st_mtim.tv_sec
      && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    guard isSame || reading.occasion == .start else { throw fault(setting, path, "is being written; try again") }
    guard let last = bytes.last, last != UInt8(ascii: "\n") else { return }
    reading.noteHalf(
      fault(
        setting, path,
        "does not end its last line, so a part may be missing; end it with a line feed, and replace files by renaming"))
  }

  /// What is wrong with a file.
  static func fault(_ setting: String, _ path: String, _ what: String) -> ConfigurationError {
    ConfigurationError(setting: setting, "'\(path.printable)' \(what)")
  }

  private static func failed(_ setting: String, _ path: String) -> ConfigurationError {
    fault(setting, path, "cannot be read: \(String(cString: strerror(errno)))")
  }
}
