// The table of options: their names, help and meaning.

import CommandLineTools

extension BenchOptions {
  typealias Option = ProgramOption<BenchOptions>

  static var load: [Option] {
    [
      .number("connections", "connections, of all scenarios but multicast", 1...1_000_000) { $0.connections = $1 },
      .number("publishers", "publishers (default: 1)", 1...100_000) { $0.publishers = $1 },
      .number("subscribers", "subscribers of multicast (default: 100)", 1...1_000_000) { $0.subscribers = $1 },
      .number("topics", "topics (default: 1; mixed: 10)", 1...100_000) { $0.topics = $1 },
      .number("churners", "connections that leave and join in presence (default: 4)", 1...100_000) { $0.churners = $1 },
      .number("rate", "messages (or connections) a second in all, at fixed times", 1...10_000_000) { $0.rate = $1 },
      .number("window", "messages on the way for each sender (default: 256; presence: 16)", 1...65_536) {
        $0.window = $1
      },
      .number("size", "bytes of payload (default: 100)", Stamp.length...1024) { $0.size = $1 },
      .time("duration", "how long is measured (default: 5s)", upTo: "24h") { $0.duration = $1 },
      .number("count", "messages (or connections) in all, instead of a duration", 1...1_000_000_000) { $0.count = $1 },
      .time("warmup", "how long before that (default: 500ms)", upTo: "24h") { $0.warmup = $1 },
    ]
  }

  static var login: [Option] {
    [
      .value("auth", "open, secret or cert (default: open)", "SCHEME") { (options, text) throws(OptionError) in
        guard let scheme = BenchOptions.Authentication(rawValue: text) else {
          throw OptionError(setting: "auth", value: text, accepted: "open, secret or cert")
        }
        options.authentication = scheme
      },
      .value("secret-file", "the shared secret", "FILE") { $0.secretFile = $1 },
      .value("user", "connections log in as NAME/0, NAME/1, ... (default: bench)", "NAME") {
        (options, text) throws(OptionError) in
        guard (1...48).contains(text.utf8.count), text.utf8.allSatisfy(Names.isID) else {
          throw OptionError(setting: "user", value: text, accepted: "1 to 48 letters, digits and . : @ / _ - + = ~")
        }
        options.user = text
      },
      .value("cacert", "authorities of servers, whose names are not compared; without it any server will do", "FILE") {
        $0.authoritiesFile = $1
      },
      .value("cert", "the certificate of all connections", "FILE") { $0.certificateFile = $1 },
      .value("key", "its private key", "FILE") { $0.keyFile = $1 },
      .action("resume", "connect: resume the TLS session of the connection before") { $0.resumes = true },
    ]
  }

  static var running: [Option] {
    [
      .number("loops", "threads (default: 1)", 1...64) { $0.loops = $1 },
      .number("sources", "connect from 127.0.0.x, that many of them (default: 1)", 1...1000) { $0.sources = $1 },
      .number("server-pid", "report the CPU time and memory of this process", 1...1 << 22) { $0.serverProcess = $1 },
      .action("spin", "never sleep: exact times for a core") { $0.spins = true },
      .action("json", "print one JSON object") { $0.printsJSON = true },
      .question("help", "print this, or what an option does, and end", "NAME") { $0.action = .help($1) },
    ]
  }
}
