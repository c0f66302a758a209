// The connection of a command.

import CommandLineTools
import Glibc
import SSMPClient

/// Connects as the settings say.
enum Session {
  /// The server where nothing says which.
  private static let localServer: SSMPClient.ServerAddress = "tcp://127.0.0.1:8787"

  /// Runs `body` with a client that is online, and closes the client behind it.
  ///
  /// - Parameters:
  ///   - adjust: sets what the command needs beside the settings.
  static func run<Result>(
    _ settings: Settings, adjust: (inout SSMPClient.Configuration) -> Void = { _ in },
    _ body: (SSMPClient) async throws -> Result
  ) async throws -> Result {
    var configuration = try configuration(settings)
    adjust(&configuration)
    return try await SSMPClient.withClient(configuration, body)
  }

  /// What the settings say of servers and login.
  static func configuration(_ settings: Settings) throws -> SSMPClient.Configuration {
    let login = try login(settings)
    var configuration: SSMPClient.Configuration
    if let descriptors = settings.descriptors {
      for number in [descriptors.input, descriptors.output] where fcntl(number, F_GETFD) == -1 {
        throw OptionError(setting: "fd", "descriptor \(number) is not open")
      }
      configuration = SSMPClient.Configuration(memory: DescriptorServer(descriptors), login: login)
      configuration.reconnection = .disabled
    } else {
      configuration = SSMPClient.Configuration(
        servers: settings.servers ?? [localServer], login: login, tls: tls(settings))
      configuration.reconnection.isEnabled = settings.retries
      configuration.reconnection.appliesToStart = settings.retries
    }
    if settings.diagnostics == .verbose {
      configuration.trace = { Output.writeError("\($0)\n") }
    }
    return configuration
  }

  private static func tls(_ settings: Settings) -> SSMPClient.TLS {
    if settings.trustsAnybody { return .trustingAnybody(certificate: settings.certificate, key: settings.key) }
    return SSMPClient.TLS(
      authorities: settings.authorities, certificate: settings.certificate, key: settings.key)
  }

  private static func login(_ settings: Settings) throws -> SSMPClient.Login {
    if settings.secretFile != nil, settings.isOpen {
      throw OptionError("\(setting: "open") and \(setting: "secret-file") cannot be given together; leave one out")
    }
    if let file = settings.secretFile {
      let credential = try SecretInput.credential(file)
      return .secret(try settings.id ?? OwnName.random(), credential)
    }
    if let certificate = settings.certificate, !settings.isOpen {
      return .certificate(try settings.id ?? OwnName.under(certificate))
    }
    if settings.key != nil, settings.certificate == nil {
      throw OptionError("\(setting: "key") needs \(setting: "cert"); give both")
    }
    return .open(try settings.id ?? OwnName.random())
  }
}
