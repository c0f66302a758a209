// Where the settings come from.

/// The command line, and the configuration file that it names. A reload reads them again.
struct ConfigurationSources: Sendable {
  private let arguments: [String]

  init(arguments: [String]) {
    self.arguments = arguments
  }

  /// Reads the settings: what the command line does not say the file does, and what neither says is at its default.
  ///
  /// - Parameter mayWait: a pipe is read, too, for which a server that is running cannot wait.
  /// - Throws: `ConfigurationError` for the command line, or a file that cannot be read, and `ConfigurationFaults` for what
  ///   is in the file.
  func read(mayWait: Bool) throws -> Configuration {
    let alone = try Configuration(arguments: arguments)
    // Whoever wants to be helped is not to be told of a file first.
    guard let path = alone.configFile, alone.action == .run || alone.action == .check else { return alone }
    return try Configuration(try ConfigurationFile.read(path, mayWait: mayWait), overriddenBy: arguments)
  }
}

extension Configuration {
  /// The settings of a file, with those of a command line in place of the file's where it has them.
  init(_ file: ConfigurationFile, overriddenBy arguments: [String]) throws {
    self.init()
    try file.apply(to: &self)
    try override(with: arguments)
  }
}
