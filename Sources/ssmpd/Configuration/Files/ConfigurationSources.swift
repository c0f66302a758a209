// Where the settings come from.

/// The command line, and the configuration file that it names. A reload reads them again.
struct ConfigurationSources: Sendable {
  private let arguments: [String]

  init(arguments: [String]) {
    self.arguments = arguments
  }

  /// What the command line says by itself.
  func commandLine() throws(ConfigurationError) -> Configuration { try Configuration(arguments: arguments) }

  /// Reads the settings: what the command line does not say the file does, and what neither says is at its default.
  ///
  /// - Throws: `ConfigurationError` for the command line, or a file that cannot be read, and `ConfigurationFaults` for what
  ///   is in the file.
  func read(_ reading: inout FileReading) throws -> Configuration {
    let alone = try Configuration(arguments: arguments)
    // Whoever wants to be helped is not to be told of a file first.
    guard let path = alone.configFile, alone.action == .run || alone.action == .check else { return alone }
    return try Configuration(try ConfigurationFile.read(path, &reading), overriddenBy: arguments)
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
