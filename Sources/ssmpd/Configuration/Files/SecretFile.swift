// The file that holds the shared secret.

import CommandLineTools
import SSMPCore

/// The value of `--secret-file`: a file, and whether its secret may be a short one.
struct SecretSetting: Equatable, Sendable, ExpressibleByStringLiteral {
  let path: String
  /// True when the file is written with `?short` behind it.
  let mayBeShort: Bool

  private static let mark = "?short"

  init(_ text: String) {
    mayBeShort = text.hasSuffix(Self.mark)
    path = mayBeShort ? String(text.dropLast(Self.mark.count)) : text
  }

  init(stringLiteral text: String) { self.init(text) }
}

/// Reading of `--secret-file`.
enum SecretFile {
  /// The longest secret: a LOGIN cannot carry more.
  private static let limit = Bounds.payload

  /// The secret: the content of the file without its last line end, and without a byte order mark.
  static func read(_ setting: SecretSetting, _ reading: inout FileReading) throws(ConfigurationError) -> Secret {
    let path = setting.path
    let bytes = Array(try SettingFile.read(path, of: "secret-file", limit: limit + 5, &reading).line)
    guard let first = bytes.first else {
      throw fault(path, "is empty; give a file with one line of 1 to \(limit) bytes")
    }
    guard bytes.count <= limit else {
      throw fault(path, "is too long; give a file with one line of 1 to \(limit) bytes")
    }
    guard !bytes.contains(10) else { throw fault(path, "has several lines; give a file with one line") }
    guard first > 3 else {
      // Of a credential it would say that it is binary (Payloads).
      throw fault(
        path, "begins with the byte \(first), with which no credential can begin; give one that begins otherwise")
    }
    guard bytes.count >= Tuning.leastSecret || setting.mayBeShort else {
      throw fault(
        path,
        "holds a secret of \(bytes.count) bytes, which can be guessed; give \(Tuning.leastSecret) or more, or "
          + "'\(path.printable)?short' if a short one is meant")
    }
    return Secret(bytes)
  }

  private static func fault(_ path: String, _ what: String) -> ConfigurationError {
    SettingFile.fault("secret-file", path, what)
  }
}

extension LoginRules {
  /// The rules with the secret of a configuration, if it has one.
  init(_ configuration: Configuration, _ reading: inout FileReading) throws(ConfigurationError) {
    guard let setting = configuration.secretFile else {
      self.init()
      return
    }
    self.init(secret: try SecretFile.read(setting, &reading))
  }
}
