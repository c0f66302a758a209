// The file that holds the shared secret.

import Glibc
import SSMPCore

/// Reading of `--secret-file`.
enum SecretFile {
  /// The longest secret: a LOGIN cannot carry more.
  private static let limit = Bounds.payload

  /// The secret: the content of the file without its last line end.
  ///
  /// - Parameter mayWait: a pipe is read, too, for which a server that is running cannot wait.
  static func read(_ path: String, mayWait: Bool = true) throws(ConfigurationError) -> Secret {
    var bytes = try content(path, mayWait: mayWait)
    if bytes.last == 10 {
      bytes.removeLast()
      if bytes.last == 13 { bytes.removeLast() }
    }
    guard !bytes.isEmpty else { throw fault(path, "is empty; give a file with one line of 1 to \(limit) bytes") }
    guard bytes.count <= limit else {
      throw fault(path, "is too long; give a file with one line of 1 to \(limit) bytes")
    }
    guard !bytes.contains(10) else { throw fault(path, "has several lines; give a file with one line") }
    return Secret(bytes)
  }

  private static func content(_ path: String, mayWait: Bool) throws(ConfigurationError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (mayWait ? 0 : O_NONBLOCK))
    guard descriptor != -1 else { throw fault(path, "cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard mayWait || fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG else {
      throw fault(path, "is no regular file, which alone can be read again")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count <= limit + 2 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw fault(path, "cannot be read: \(String(cString: strerror(errno)))") }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func fault(_ path: String, _ what: String) -> ConfigurationError {
    ConfigurationError("--secret-file: '\(path.printable)' \(what)")
  }
}
