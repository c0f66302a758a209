// The table of options: their names, help and meaning.

/// One option of the command line.
struct BenchOption {
  /// What it does to the options.
  enum Effect {
    case flag((inout BenchOptions) -> Void)
    case value(placeholder: String, (inout BenchOptions, String) throws -> Void)
  }

  let name: String
  let help: String
  let effect: Effect

  /// All options, in the order of the help text.
  static var all: [BenchOption] { load + login + running }

  private static var load: [BenchOption] {
    [
      number("connections", "connections, of all scenarios but multicast", 1...1_000_000) { $0.connections = $1 },
      number("publishers", "publishers (default: 1)", 1...100_000) { $0.publishers = $1 },
      number("subscribers", "subscribers of multicast (default: 100)", 1...1_000_000) { $0.subscribers = $1 },
      number("topics", "topics (default: 1; mixed: 10)", 1...100_000) { $0.topics = $1 },
      number("churners", "connections that leave and join in presence (default: 4)", 1...100_000) { $0.churners = $1 },
      number("rate", "messages (or connections) a second in all, at fixed times", 1...10_000_000) { $0.rate = $1 },
      number("window", "messages on the way for each sender (default: 256; presence: 16)", 1...65_536) {
        $0.window = $1
      },
      number("size", "bytes of payload (default: 100)", Stamp.length...1024) { $0.size = $1 },
      time("duration", "how long is measured (default: 5s)") { $0.duration = $1 },
      number("count", "messages (or connections) in all, instead of a duration", 1...1_000_000_000) { $0.count = $1 },
      time("warmup", "how long before that (default: 500ms)") { $0.warmup = $1 },
    ]
  }

  private static var login: [BenchOption] {
    [
      value("auth", "open, secret or cert (default: open)", "SCHEME") { options, text in
        guard let scheme = BenchOptions.Authentication(rawValue: text) else {
          throw OptionError("--auth", text, accepted: "open, secret or cert")
        }
        options.authentication = scheme
      },
      value("secret-file", "the shared secret", "FILE") { $0.secretFile = $1 },
      value("user", "connections log in as NAME/0, NAME/1, ... (default: bench)", "NAME") { options, text in
        guard (1...48).contains(text.utf8.count), text.utf8.allSatisfy(Names.isID) else {
          throw OptionError("--user", text, accepted: "1 to 48 letters, digits and . : @ / _ - + = ~")
        }
        options.user = text
      },
      value("cacert", "authorities of servers, whose names are not compared; without it any server will do", "FILE") {
        $0.authoritiesFile = $1
      },
      value("cert", "the certificate of all connections", "FILE") { $0.certificateFile = $1 },
      value("key", "its private key", "FILE") { $0.keyFile = $1 },
      flag("resume", "connect: resume the TLS session of the connection before") { $0.resumes = true },
    ]
  }

  private static var running: [BenchOption] {
    [
      number("loops", "threads (default: 1)", 1...64) { $0.loops = $1 },
      number("sources", "connect from 127.0.0.x, that many of them (default: 1)", 1...1000) { $0.sources = $1 },
      number("server-pid", "report the CPU time and memory of this process", 1...1 << 22) { $0.serverProcess = $1 },
      flag("spin", "never sleep: exact times for a core") { $0.spins = true },
      flag("json", "print one JSON object") { $0.printsJSON = true },
      flag("help", "print this and end") { $0.action = .help },
    ]
  }

  private static func flag(_ name: String, _ help: String, _ apply: @escaping (inout BenchOptions) -> Void) -> Self {
    BenchOption(name: name, help: help, effect: .flag(apply))
  }

  private static func value(
    _ name: String, _ help: String, _ placeholder: String,
    _ apply: @escaping (inout BenchOptions, String) throws -> Void
  ) -> Self {
    BenchOption(name: name, help: help, effect: .value(placeholder: placeholder, apply))
  }

  private static func number(
    _ name: String, _ help: String, _ range: ClosedRange<Int>, _ apply: @escaping (inout BenchOptions, Int) -> Void
  ) -> Self {
    value(name, help, "N") { options, text in
      guard let value = Units.digits(text), range.contains(value) else {
        throw OptionError("--\(name)", text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
      apply(&options, value)
    }
  }

  private static func time(
    _ name: String, _ help: String, _ apply: @escaping (inout BenchOptions, UInt64) -> Void
  ) -> Self {
    value(name, help, "TIME") { options, text in
      guard let value = Units.milliseconds(text), value <= 86_400_000 else {
        throw OptionError("--\(name)", text, accepted: "a time up to 24h (10s, 500ms, 2m)")
      }
      apply(&options, value)
    }
  }
}
