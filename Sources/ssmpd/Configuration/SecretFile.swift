// The file that holds the shared secret.

import SSMPCore

/// Reading of `--secret-file`.
enum SecretFile {
  /// The longest secret: a LOGIN cannot carry more.
  private static let limit = Bounds.payload

  /// The secret: the content of the file without its last line end.
  ///
  /// - Parameter mayWait: a pipe is read, too, for which a server that is running cannot wait.
  static func read(_ path: String, mayWait: Bool = true) throws(ConfigurationError) -> Secret {
    var bytes = try SettingFile.read(path, of: "secret-file", limit: limit + 2, mayWait: mayWait).bytes
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

  private static func fault(_ path: String, _ what: String) -> ConfigurationError {
    SettingFile.fault("secret-file", path, what)
  }
}

extension LoginRules {
  /// The rules with the secret of a configuration, if it has one.
  init(_ configuration: Configuration, mayWait: Bool) throws(ConfigurationError) {
    guard let file = configuration.secretFile else {
      self.init()
      return
    }
    self.init(secret: try SecretFile.read(file, mayWait: mayWait))
  }
}
