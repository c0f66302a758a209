// What the command line asks for, and the exit code.

import Glibc
import SSMPCore
import SSMPTransport

/// The daemon as a program.
enum Program {
  /// Everything went as asked.
  private static let success: Int32 = 0
  /// The configuration is wrong, and nothing was started.
  private static let badConfiguration: Int32 = 2

  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    keepStandardDescriptors()
    TLSLibrary.stayUntilTheEnd()
    let systemd = Result(catching: SystemdEnvironment.take)
    do {
      // What a start without anything lacks first, a certificate, is not what its user needs to hear of first.
      guard !arguments.isEmpty else { throw ConfigurationError(.init(Help.beginning)) }
      let sources = ConfigurationSources(arguments: arguments)
      let configuration = try sources.read(mayWait: true)
      try configuration.locating { try run(configuration, sources, systemd.get()) }
      return success
    } catch let error as ConfigurationFaults {
      for line in error.lines { complain(line) }
      if case .success(let systemd) = systemd { systemd.reportFailure(error.lines[0]) }
      return badConfiguration
    } catch {
      complain("\(error)")
      if case .success(let systemd) = systemd { systemd.reportFailure("\(error)") }
      return badConfiguration
    }
  }

  private static func run(
    _ configuration: Configuration, _ sources: ConfigurationSources, _ systemd: SystemdEnvironment
  ) throws {
    switch configuration.action {
    case .help(let subject): print(subject.flatMap { Help.text(about: $0) } ?? Help.summary, terminator: "")
    case .version: print("ssmpd \(Server.version)")
    case .check:
      try check(configuration)
      print("ok")
    case .run:
      try configuration.validate()
      let rules = try LoginRules(configuration, mayWait: true)
      let access = try AccessFile.rules(configuration, mayWait: true)
      let material = try material(configuration)
      try Server.run(
        configuration, sources, rules: rules, access, material, systemd: systemd,
        log: Log(level: configuration.logLevel))
    }
  }

  private static func complain(_ text: String, level: LogLevel = .error) {
    let line = (Log.standardErrorIsJournal() ? "<\(level.rawValue)>" : "") + "ssmpd: \(text)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }

  /// Opens what of the standard descriptors is closed: a socket in the place of standard error would get the log.
  private static func keepStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Checks the settings as a whole and the files that they name. What has expired is a fault here, though a start would
  /// only warn of it: the clock of an appliance may be dead.
  private static func check(_ configuration: Configuration) throws {
    try configuration.validate()
    _ = try LoginRules(configuration, mayWait: true)
    _ = try AccessFile.rules(configuration, mayWait: true)
    if let file = configuration.ticketKeysFile {
      do throws(TLSError) {
        try TicketKeys.check(path: file)
      } catch {
        throw SettingFile.fault("ticket-keys", file, "\(error)")
      }
    }
    guard let material = try material(configuration) else { return }
    try material.tryOut()
    if let fault = material.dates.lazy.compactMap(\.fault).first { throw fault }
    for oddity in material.oddities { complain("warning: \(oddity)", level: .warning) }
  }

  /// Reads the files of TLS, if there are any.
  private static func material(_ configuration: Configuration) throws(ConfigurationError) -> TLSMaterial? {
    try configuration.tlsFiles()?.read(intermediates: IntermediatePool())
  }
}
