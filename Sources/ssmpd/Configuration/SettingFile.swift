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
  ///   - mayWait: a pipe is read, too, for which a server that is running cannot wait.
  static func read(
    _ path: String, of setting: String, limit: Int, mayWait: Bool
  ) throws(ConfigurationError) -> Content {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (mayWait ? 0 : O_NONBLOCK))
    guard descriptor != -1 else { throw failed(setting, path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed(setting, path) }
    guard mayWait || status.st_mode & S_IFMT == S_IFREG else {
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
    return Content(bytes: bytes, permissions: status.st_mode & 0o777)
  }

  /// What is wrong with a file.
  static func fault(_ setting: String, _ path: String, _ what: String) -> ConfigurationError {
    ConfigurationError(setting: setting, "'\(path.printable)' \(what)")
  }

  private static func failed(_ setting: String, _ path: String) -> ConfigurationError {
    fault(setting, path, "cannot be read: \(String(cString: strerror(errno)))")
  }
}
