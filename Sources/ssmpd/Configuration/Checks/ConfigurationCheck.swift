// What `--check` looks at.

import Glibc
import SSMPCore
import SSMPTransport

/// A configuration that is good: the settings as a whole, and the files that they name. Nothing is started, and nothing
/// written.
///
/// It is stricter than a start, and as strict as a reload: what has expired is a fault here, though a start would only warn
/// of it, since the clock of an appliance may be dead; and so is a file whose last line does not end.
struct ConfigurationCheck {
  /// What is probably not meant, a line each.
  private(set) var warnings: [String] = []

  /// - Throws: what is wrong.
  init(_ sources: ConfigurationSources) throws {
    let reader = try CheckReader(named: try sources.commandLine().checkUser)
    var reading = FileReading(.check)
    let configuration = try reader.explaining { try sources.read(&reading) }
    try reader.explaining {
      try configuration.locating {
        try check(configuration, &reading)
        try reading.finish()
      }
    }
    warnings = reading.oddities + warnings + reader.warnings(of: configuration)
  }

  private mutating func check(_ configuration: Configuration, _ reading: inout FileReading) throws {
    let shortcuts = try TLSShortcuts.fromEnvironment()
    try configuration.validate()
    _ = try LoginRules(configuration, &reading)
    _ = try AccessFile.rules(configuration, &reading)
    try configuration.checkPlaces(&reading)
    if let file = configuration.ticketKeysFile { try checkTicketKeys(file, &reading) }
    guard let files = try configuration.tlsFiles() else { return }
    let material = try files.read(&reading, intermediates: IntermediatePool())
    try material.tryOut(shortcuts)
    if let fault = material.dates.lazy.compactMap(\.fault).first { throw fault }
    warnings += material.oddities
  }

  private func checkTicketKeys(_ file: String, _ reading: inout FileReading) throws(ConfigurationError) {
    do throws(TLSError) {
      guard let obstacle = try TicketKeys.check(path: file) else { return }
      reading.note(
        "\(SettingFile.fault("ticket-keys", file, "\(obstacle)")): new keys would be in memory only, and not outlive a restart"
      )
    } catch {
      // The folder may be one that the unit makes (StateDirectory=).
      guard file.hasPrefix("/var/lib/"), !file.dropFirst("/var/lib/".count).dropLast().isEmpty, isUnmade(file) else {
        throw SettingFile.fault("ticket-keys", file, "\(error)")
      }
      reading.note(
        "\(SettingFile.fault("ticket-keys", file, "\(error)")) now, but with StateDirectory= the unit makes its folder")
    }
  }

  /// True when the folder of a file is not there.
  private func isUnmade(_ file: String) -> Bool {
    guard let end = file.lastIndex(of: "/") else { return false }
    return access(String(file[..<end]), F_OK) == -1 && errno == ENOENT
  }
}
