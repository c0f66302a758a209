// What the command line asks for, and the exit code.

import CommandLineTools
import Glibc
import SSMPCore
import SSMPTransport

/// The daemon as a program.
enum Program {
  /// Everything went as asked.
  private static let success: Int32 = 0
  /// The server that was to reload has not.
  private static let failure: Int32 = 1
  /// The configuration is wrong, and nothing was started.
  private static let badConfiguration: Int32 = 2

  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    // They would end a process that is not ready for them, as one may be for half a second.
    SignalSource.hold([SIGHUP, SIGUSR1])
    keepStandardDescriptors()
    TLSLibrary.stayUntilTheEnd()
    let systemd = Result(catching: SystemdEnvironment.take)
    do {
      // What a start without anything lacks first, a certificate, is not what its user needs to hear of first.
      guard !arguments.isEmpty else { throw ConfigurationError(.init(Help.beginning)) }
      let sources = ConfigurationSources(arguments: arguments)
      let action = try sources.commandLine().action
      if case .reload(let process) = action { return reload(process) }
      if action == .check { return try check(sources) }
      var reading = FileReading(.start)
      let configuration = try sources.read(&reading)
      try configuration.locating { try run(configuration, sources, &reading, systemd.get()) }
      return success
    } catch {
      let lines = (error as? ConfigurationFaults)?.lines ?? ["\(error)"]
      for line in lines { complain(line) }
      if case .success(let systemd) = systemd { systemd.reportFailure(lines[0]) }
      return badConfiguration
    }
  }

  private static func run(
    _ configuration: Configuration, _ sources: ConfigurationSources, _ reading: inout FileReading,
    _ systemd: SystemdEnvironment
  ) throws {
    switch configuration.action {
    case .help(let subject): print(subject.flatMap { Help.pages.text(about: $0) } ?? Help.pages.summary, terminator: "")
    case .version: print("ssmpd \(Server.version)")
    case .check, .reload: preconditionFailure("neither comes here")
    case .run:
      try configuration.refuseCheckUser()
      try configuration.validate()
      try configuration.refuseTakenPaths()
      let shortcuts = try TLSShortcuts.fromEnvironment()
      let rules = try LoginRules(configuration, &reading)
      let access = try AccessFile.rules(configuration, &reading)
      let material = try configuration.tlsFiles()?.read(&reading, intermediates: IntermediatePool())
      try Server.run(
        configuration, sources, rules: rules, access, material, shortcuts, oddities: reading.oddities, systemd: systemd,
        log: Log(level: configuration.logLevel))
    }
  }

  private static func reload(_ process: Int32) -> Int32 {
    guard let reason = ReloadRequest.run(process) else { return success }
    complain(reason)
    return failure
  }

  private static func check(_ sources: ConfigurationSources) throws -> Int32 {
    let check = try ConfigurationCheck(sources)
    for warning in check.warnings { complain("warning: \(warning)", level: .warning) }
    print("ok")
    return success
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
}
