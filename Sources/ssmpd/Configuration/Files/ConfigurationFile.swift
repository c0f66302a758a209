// The configuration file: one setting a line.

import CommandLineTools

/// A configuration file, taken apart into lines: `NAME VALUE`, blank ones, and comments, whose first character is `#`.
///
/// The value is the rest of the line without the blanks around it, so it may hold `#` and blanks.
struct ConfigurationFile {
  /// More than anybody writes, and less than could do harm.
  static let sizeLimit = 1 << 20

  let path: String
  private let lines: [SettingLine]

  /// Reads a file.
  static func read(_ path: String, _ reading: inout FileReading) throws(ConfigurationError) -> ConfigurationFile {
    let bytes = try SettingFile.read(path, of: "config", limit: sizeLimit, &reading).bytes
    if bytes.isEmpty { reading.noteHalf(SettingFile.fault("config", path, "is empty")) }
    guard bytes.count <= sizeLimit else {
      throw SettingFile.fault("config", path, "is larger than \(Units.describe(bytes: sizeLimit))")
    }
    return try ConfigurationFile(path, bytes)
  }

  /// Takes the content of a file apart.
  init(_ path: String, _ bytes: [UInt8]) throws(ConfigurationError) {
    do throws(SettingLines.NoText) {
      lines = try SettingLines(bytes).all
    } catch {
      throw ConfigurationError(
        "is no text in UTF-8; give it as such", at: ConfigurationError.Place(file: path, line: error.line))
    }
    self.path = path
  }

  /// Puts the settings of the file into a configuration.
  func apply(to configuration: inout Configuration) throws(ConfigurationFaults) {
    configuration.origins.file = path
    let options = Option.all
    var faults = ConfigurationFaults()
    for line in lines {
      do throws(ConfigurationError) {
        // What is not told of need not be guessed at.
        try apply(line, options, isTold: faults.hasRoom, to: &configuration)
      } catch {
        var fault = error
        fault.place = ConfigurationError.Place(file: path, line: line.number)
        faults.add(fault)
      }
    }
    guard faults.count == 0 else { throw faults }
  }

  private func apply(
    _ line: SettingLine, _ options: [Option], isTold: Bool, to configuration: inout Configuration
  ) throws(ConfigurationError) {
    if line.name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw ConfigurationError("'\(line.name.clipped.printable)' holds a control character; give it without")
    }
    guard let option = options.first(where: { $0.name == line.name }) else {
      throw isTold ? unknown(line, options) : ConfigurationError("is no setting")
    }
    guard option.change != .notASetting else {
      throw ConfigurationError(setting: line.name, "is for the command line only; leave it out")
    }
    let before = configuration.origins.lines[line.name] ?? []
    guard before.isEmpty || option.isRepeatable else {
      throw ConfigurationError(setting: line.name, "was given on line \(before[0]) already; give it once")
    }
    configuration.origins.lines[line.name] = before + [line.number]
    if let value = line.value, value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw ConfigurationError(
        setting: line.name, "'\(value.clipped.printable)' holds a control character; give it without")
    }
    try option.apply(line.value, to: &configuration)
  }

  private func unknown(_ line: SettingLine, _ options: [Option]) -> ConfigurationError {
    let names = options.filter { $0.change != .notASetting }.map(\.name)
    if let equals = line.name.firstIndex(of: "="), names.contains(String(line.name[..<equals])) {
      return ConfigurationError("'\(line.name.clipped.printable)' is no setting; write a blank in place of the =")
    }
    let advice = NearestName.to(line.name, among: names).map { "did you mean \($0)?" } ?? "see ssmpd --help"
    return ConfigurationError("'\(line.name.clipped.printable)' is no setting; \(advice)")
  }
}
