// Where settings were given.

/// Where each setting in force was given, so that a fault can name the line.
struct SettingOrigins: Equatable, Sendable {
  /// The configuration file, if there is one.
  var file: String?
  /// The lines of the file that gave a setting.
  var lines: [String: [Int]] = [:]
  /// The settings of the command line, which count instead of the file's.
  var overridden: Set<String> = []

  /// The place of a setting in the file; `nil` for the command line.
  func place(of setting: String, _ occurrence: Int = 0) -> ConfigurationError.Place? {
    guard let file, !overridden.contains(setting) else { return nil }
    let lines = lines[setting] ?? []
    return ConfigurationError.Place(file: file, line: lines.indices.contains(occurrence) ? lines[occurrence] : nil)
  }
}

extension Configuration {
  /// Runs `body`, and says of a fault that it throws where the setting stands.
  func locating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as ConfigurationError {
      if error.place == nil, let setting = error.setting {
        error.place = origins.place(of: setting, error.occurrence)
      }
      throw error
    }
  }
}
