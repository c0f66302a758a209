// The options that all commands have.

import CommandLineTools
import SSMPClient

/// Where the server is, who logs in, and how long it may take.
enum CommonOptions {
  /// The options of a context, which its file holds under the same names.
  static var context: [Option] {
    [
      .value("server", "the servers: tls://HOST:PORT, tcp://HOST:PORT or unix:PATH", "URL[,URL]") {
        (settings, text) throws(OptionError) in
        settings.servers = try servers(text)
      }.with("s"),
      .value("id", "the identifier to log in under (default: one of your own)", "ID") {
        (settings, text) throws(OptionError) in
        settings.id = try id(text, of: "id")
      }.with("i"),
      .value("ca", "the authorities of servers (default: the system's)", "FILE") { $0.authorities = $1 },
      .value("cert", "the certificate to log in with", "FILE") { $0.certificate = $1 },
      .value("key", "its private key (default: in the certificate's file)", "FILE") { $0.key = $1 },
      .value("secret-file", "the secret to log in with; - is standard input", "FILE") { $0.secretFile = $1 },
      .action("open", "log in without proof") { $0.isOpen = true },
      .action("trust-anybody", "trust any server: for experiments") { $0.trustsAnybody = true },
    ]
  }

  /// The others.
  static var running: [Option] {
    [
      .value("context", "the name of a file with the options above, in ~/.config/ssmp", "NAME") { $0.context = $1 }
        .with("c"),
      .value("fd", "speak over descriptors that are connected already", "IN,OUT") {
        (settings, text) throws(OptionError) in
        settings.descriptors = try descriptors(text)
      },
      .time("wait", "end with 124 after this time", upTo: "365d") { $0.timeLimit = $1 }.with("W"),
      .action("retry", "connect again when the connection is lost") { $0.retries = true },
      .action("quiet", "say nothing but errors") { $0.diagnostics = .quiet }.with("q"),
      .action("verbose", "show each line that is sent and received") { $0.diagnostics = .verbose }.with("v"),
    ]
  }

  /// Reads a list of servers.
  private static func servers(_ text: String) throws(OptionError) -> [SSMPClient.ServerAddress] {
    var servers: [SSMPClient.ServerAddress] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      do throws(SSMPError) {
        servers.append(try SSMPClient.ServerAddress(String(part)))
      } catch {
        throw OptionError(
          setting: "server", value: String(part), accepted: "tls://HOST:PORT, tcp://HOST:PORT or unix:PATH")
      }
    }
    return servers
  }

  /// Reads an identifier or a topic.
  static func id(_ text: String, of setting: String) throws(OptionError) -> ID {
    do throws(SSMPError) {
      return try ID(text)
    } catch {
      throw OptionError(setting: setting, value: text, accepted: "1 to 64 letters, digits and . : @ / _ - + = ~")
    }
  }

  /// Reads an operand that is an identifier or a topic.
  static func id(operand: String, _ text: String) throws(OptionError) -> ID {
    do throws(SSMPError) {
      return try ID(text)
    } catch {
      throw OptionError(operand: operand, value: text, accepted: "1 to 64 letters, digits and . : @ / _ - + = ~")
    }
  }

  private static func descriptors(_ text: String) throws(OptionError) -> Settings.Descriptors {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Units.digits($0) }
    guard numbers.count == 2, let input = numbers[0], let output = numbers[1], input < 1 << 20, output < 1 << 20 else {
      throw OptionError(setting: "fd", value: text, accepted: "two descriptors, such as 6,7")
    }
    return Settings.Descriptors(input: Int32(input), output: Int32(output))
  }
}
