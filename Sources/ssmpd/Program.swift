// What the command line asks for, and the exit code.

import Glibc
import SSMPCore

/// The daemon as a program.
enum Program {
  /// Everything went as asked.
  private static let success: Int32 = 0
  /// The configuration is wrong, and nothing was started.
  private static let badConfiguration: Int32 = 2

  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    keepStandardDescriptors()
    do {
      let configuration = try Configuration(arguments: arguments)
      switch configuration.action {
      case .help: print(Configuration.help, terminator: "")
      case .version: print("ssmpd \(Server.version)")
      case .check:
        _ = try rules(configuration)
        print("ok")
      case .run:
        let rules = try rules(configuration)
        try Server.run(configuration, rules: rules, log: Log(level: configuration.logLevel))
      }
      return success
    } catch {
      let line = "ssmpd: \(error)\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      return badConfiguration
    }
  }

  /// Opens what of the standard descriptors is closed: a socket in the place of standard error would get the log.
  private static func keepStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Checks the settings as a whole, and reads the files that they name.
  private static func rules(_ configuration: Configuration) throws(ConfigurationError) -> LoginRules {
    try configuration.validate()
    guard let file = configuration.secretFile else { return LoginRules() }
    return LoginRules(secret: try SecretFile.read(file))
  }
}
