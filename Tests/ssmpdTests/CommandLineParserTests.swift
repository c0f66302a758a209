// From arguments to a configuration.

import CommandLineTools
import Testing

@testable import ssmpd

@Suite("Command line parser")
struct CommandLineParserTests {
  private func configuration(_ arguments: String...) throws -> Configuration {
    try Configuration(arguments: arguments)
  }

  private func fault(_ arguments: String...) throws -> String {
    try #require(throws: ConfigurationError.self) { try Configuration(arguments: arguments) }.description
  }

  @Test("Without arguments everything is at its default")
  func defaults() throws {
    let initial = try configuration()
    #expect(initial == Configuration())
    #expect(initial.loginTimeout == 10_000)
    #expect(initial.pingInterval == 30_000)
    #expect(initial.pongTimeout == 30_000)
    #expect(initial.loops == 1)
    #expect(!initial.allowsOpen && !initial.strict)
    #expect(initial.logLevel == .notice)
  }

  @Test("Each option sets what it says")
  func everyOption() throws {
    let all = try configuration(
      "--listen", "tcp://127.0.0.1:1", "--listen=unix:/s", "--open", "--secret-file", "/secret", "--access", "/access",
      "--strict",
      "--login-timeout", "1s", "--ping-interval", "2s", "--pong-timeout", "3s", "--write-timeout", "4s",
      "--drain", "4500ms", "--max-connections", "5", "--max-connections-per-address", "6", "--max-failed-logins", "20",
      "--max-rate", "100", "--max-subscriptions", "7", "--max-pending", "64KiB", "--max-total-pending", "8MiB",
      "--loops", "9", "--log-level", "debug", "--admin", "/admin",
      "--metrics", "tcp://127.0.0.1:1", "--config", "/f", "--check")
    var wanted = Configuration()
    wanted.listen = [try ListenSetting("tcp://127.0.0.1:1"), try ListenSetting("unix:/s")]
    wanted.allowsOpen = true
    wanted.secretFile = "/secret"
    wanted.accessFile = "/access"
    wanted.strict = true
    wanted.loginTimeout = 1000
    wanted.pingInterval = 2000
    wanted.pongTimeout = 3000
    wanted.writeTimeout = 4000
    wanted.drain = 4500
    wanted.maxConnections = 5
    wanted.maxConnectionsPerAddress = 6
    wanted.maxFailedLogins = 20
    wanted.maxRate = 100
    wanted.maxSubscriptions = 7
    wanted.maxPending = 64 << 10
    wanted.maxTotalPending = 8 << 20
    wanted.loops = 9
    wanted.logLevel = .debug
    wanted.admin = "/admin"
    wanted.metrics = try MetricsSetting("tcp://127.0.0.1:1")
    wanted.configFile = "/f"
    wanted.action = .check
    #expect(all == wanted)
    // So that a new option is not forgotten here; --version and --help are below.
    #expect(Option.all.count == 33)
  }

  @Test("--version and --help ask for just that")
  func actions() throws {
    #expect(try configuration("--version").action == .version)
    #expect(try configuration("--help").action == .help(nil))
    #expect(try configuration("--help", "--open").action == .help("--open"))
    #expect(try configuration("--help", "--max-pending").action == .help("--max-pending"))
    #expect(try configuration("--help", "--max-pending", "--open").action == .help("--max-pending"))
    // What has a value is no subject.
    #expect(try configuration("--help", "--max-pending", "1MiB").action == .help(nil))
    #expect(try configuration("--help", "--max-pending=1MiB").action == .help(nil))
    #expect(try configuration("--help", "listen").action == .help("listen"))
    #expect(try configuration("--help=limits", "--open").action == .help("limits"))
  }

  @Test("A value may follow behind = or as the next argument, and may itself hold = or begin with --")
  func valueForms() throws {
    #expect(try configuration("--secret-file=a=b").secretFile == "a=b")
    #expect(try configuration("--secret-file", "a=b").secretFile == "a=b")
    #expect(try configuration("--secret-file", "--open").secretFile == "--open")
    #expect(try configuration("--secret-file=").secretFile == "")
  }

  @Test("A flag is on alone and with yes, and off with no; it does not take the next argument")
  func flags() throws {
    #expect(try configuration("--open").allowsOpen && configuration("--open=yes").allowsOpen)
    #expect(try !configuration("--open=no").allowsOpen && !configuration("--open", "--open=no").allowsOpen)
    #expect(try fault("--open", "no") == "'no' is not an option; see ssmpd --help")
  }

  @Test("Of an option that is given twice the last one counts, but for --listen")
  func repeated() throws {
    #expect(try configuration("--loops", "2", "--loops", "3").loops == 3)
    let listen = try configuration("--listen", "unix:/a", "--listen", "unix:/b").listen
    #expect(listen.map(\.text) == ["unix:/a", "unix:/b"])
  }

  @Test("What is no option is named")
  func unknown() throws {
    #expect(try fault("--port", "1") == "--port is not an option; see ssmpd --help")
    #expect(try fault("--port=1") == "--port is not an option; see ssmpd --help")
    #expect(try fault("-h") == "'-h' is not an option; did you mean --help?")
    #expect(try fault("-?") == "'-?' is not an option; did you mean --help?")
    #expect(try fault("-V") == "'-V' is not an option; did you mean --version?")
    #expect(try fault("-c", "/etc/ssmpd.conf") == "'-c' is not an option; did you mean --config?")
    #expect(try fault("-t") == "'-t' is not an option; did you mean --check?")
    #expect(try fault("-x") == "'-x' is not an option; see ssmpd --help")
    #expect(try fault("help") == "'help' is not an option; did you mean --help?")
    #expect(try fault("-listen") == "'-listen' is not an option; did you mean --listen?")
    #expect(
      try fault("/etc/ssmpd.conf") == "'/etc/ssmpd.conf' is not an option; did you mean --config /etc/ssmpd.conf?")
    #expect(try fault("--") == "'--' is not an option; see ssmpd --help")
    #expect(try fault("--=1") == "-- is not an option; see ssmpd --help")
    #expect(try fault("") == "'' is not an option; see ssmpd --help")
    #expect(try fault("--open", "now") == "'now' is not an option; see ssmpd --help")
    #expect(try fault("--Open") == "--Open is not an option; did you mean --open?")
    #expect(try fault("--max-conections=3") == "--max-conections is not an option; did you mean --max-connections?")
    #expect(try fault("--chek") == "--chek is not an option; did you mean --check?")
    #expect(try fault("--a\nb") == "--a\\u{a}b is not an option; see ssmpd --help")
  }

  @Test("A flag may say yes or no, what asks for something else than a server takes no value, and all others want one")
  func values() throws {
    for option in Option.all {
      switch option.effect {
      case .action: #expect(try fault("--\(option.name)=yes") == "--\(option.name) takes no value")
      case .question:
        #expect(
          try fault("--\(option.name)=yes").hasPrefix("--\(option.name): 'yes' is not accepted; give the name of"))
      case .flag:
        let wanted = "is not accepted; give yes or no, or nothing for yes"
        #expect(try fault("--\(option.name)=x") == "--\(option.name): 'x' \(wanted)")
        #expect(try fault("--\(option.name)=") == "--\(option.name): '' \(wanted)")
      case .value(let placeholder, _):
        #expect(try fault("--\(option.name)") == "--\(option.name) wants a value: --\(option.name) \(placeholder)")
      }
    }
  }

  @Test(
    "A time out of range, or none, is refused with the range",
    arguments: ["login-timeout", "ping-interval", "pong-timeout", "write-timeout"],
    ["0", "0ms", "8d", "604801s", "604800001ms", "4294967297ms", "10x", "", "-1s"])
  func badTimes(name: String, value: String) throws {
    #expect(
      try fault("--\(name)", value)
        == "--\(name): '\(value)' is not accepted; give a time from 1ms to 7d (10s, 500ms, 2m)")
  }

  @Test(
    "The bounds of times are accepted", arguments: ["login-timeout", "ping-interval", "pong-timeout", "write-timeout"])
  func timeBounds(name: String) throws {
    _ = try configuration("--\(name)", "1ms")
    _ = try configuration("--\(name)", "7d")
  }

  @Test("The time to drain may be 0, and an hour at most")
  func drain() throws {
    #expect(try configuration("--drain", "0").drain == 0)
    #expect(try configuration("--drain", "1h").drain == 3_600_000)
    for value in ["3601s", "-1s", "", "x"] {
      #expect(
        try fault("--drain", value)
          == "--drain: '\(value)' is not accepted; give a time from 0 to 1h (10s, 500ms, 2m)")
    }
  }

  @Test(
    "A number out of range, or none, is refused with the range, and the bounds are accepted",
    arguments: [
      ("loops", 0, 64), ("max-connections", 1, 16_777_216), ("max-connections-per-address", 0, 16_777_216),
      ("max-subscriptions", 1, 1_048_576),
    ])
  func numbers(name: String, lower: Int, upper: Int) throws {
    _ = try configuration("--\(name)", "\(lower)")
    _ = try configuration("--\(name)", "\(upper)")
    for value in ["\(lower - 1)", "\(upper + 1)", "", "x", "1 ", "+1", "1.0", "99999999999999999999"] {
      let wanted = "--\(name): '\(value)' is not accepted; give a number from \(lower) to \(upper)"
      #expect(try fault("--\(name)", value) == wanted)
    }
  }

  @Test(
    "A size out of range, or none, is refused with the range, and the bounds are accepted",
    arguments: [("max-pending", "64KiB", "1GiB"), ("max-total-pending", "1MiB", "1024GiB")])
  func sizes(name: String, lower: String, upper: String) throws {
    _ = try configuration("--\(name)", lower)
    _ = try configuration("--\(name)", upper)
    for value in ["0", "65535", "1025GiB", "", "x", "2000G", "-1MiB"] {
      #expect(
        try fault("--\(name)", value) == "--\(name): '\(value)' is not accepted; give a size from \(lower) to \(upper)")
    }
  }

  @Test("A log level that there is not is refused with those there are")
  func logLevels() throws {
    for level in LogLevel.allCases { #expect(try configuration("--log-level", level.name).logLevel == level) }
    #expect(
      try fault("--log-level", "loud")
        == "--log-level: 'loud' is not accepted; give error, warning, notice, info or debug")
  }

  @Test(
    "A log level that other programs have, or that is mistyped, is answered with the one that is meant",
    arguments: [
      ("warn", "warning"), ("WARN", "warning"), ("INFO", "info"), ("err", "error"), ("trace", "debug"),
      ("critical", "error"), ("debgu", "debug"),
    ])
  func meantLevels(typed: String, meant: String) throws {
    #expect(
      try fault("--log-level", typed)
        == "--log-level: '\(typed)' is not accepted: did you mean \(meant)?; give error, warning, notice, info or debug"
    )
  }

  @Test(
    "A unit that is spelled in another way is answered with the value that is meant",
    arguments: [
      ("max-pending", "1M", "B, KiB, MiB and GiB", "1MiB"), ("max-pending", "512 kb", "B, KiB, MiB and GiB", "512KiB"),
      ("max-total-pending", "2g", "B, KiB, MiB and GiB", "2GiB"),
      ("ping-interval", "10sec", "ms, s, m, h and d", "10s"),
      ("login-timeout", "2 min", "ms, s, m, h and d", "2m"), ("drain", "1 hour", "ms, s, m, h and d", "1h"),
    ])
  func meantUnits(name: String, typed: String, units: String, meant: String) throws {
    #expect(
      try fault("--\(name)", typed)
        == "--\(name): '\(typed)' is not accepted: the units are \(units); give \(meant)")
  }

  @Test("The help names every option once, with its default where it has one")
  func help() {
    let help = Help.pages.summary
    let lines = help.split(separator: "\n")
    let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for option in Option.all {
      #expect(lines.count { $0.hasPrefix("  --\(option.name) ") } == 1, "\(option.name)")
      #expect(words.contains(option.help))
      #expect(Help.pages.text(about: option.name)?.contains("--\(option.name)") == true)
    }
    for text in ["(default: 10s)", "(default: 30s)", "(default: 16MiB)", "(default: 256MiB)", "(default: 1000)"] {
      #expect(words.contains(text))
    }
    for signal in ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] { #expect(help.contains(signal)) }
    for group in Option.Group.allCases { #expect(lines.contains { $0 == group.rawValue }) }
  }

  @Test("The names of options are unique")
  func uniqueNames() {
    #expect(Set(Option.all.map(\.name)).count == Option.all.count)
  }

  @Test("No line of any help text is longer than 100 columns")
  func columns() throws {
    let subjects = Option.all.map(\.name) + Option.Group.allCases.map(\.subject) + ["signals", "all"]
    for text in [Help.pages.summary] + (try subjects.map { try #require(Help.pages.text(about: $0), "\($0)") }) {
      for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
      #expect(text.hasSuffix("\n"))
    }
  }

  @Test("Help about a subject says more than the line of the option, and of a group says it for each of its options")
  func subjects() throws {
    let listen = try #require(Help.pages.text(about: "--listen"))
    #expect(listen.contains("host names are not looked up") && listen.contains("needs a restart"))
    let limits = try #require(Help.pages.text(about: "limits"))
    for option in Option.all { #expect(limits.contains("  --\(option.name) ") == (option.group == .limits)) }
    let all = try #require(Help.pages.text(about: "all"))
    for option in Option.all { #expect(all.contains("  --\(option.name)")) }
    for option in Option.all where option.change != .notASetting { #expect(option.details != nil, "\(option.name)") }
    #expect(try fault("--help", "lisen").hasPrefix("--help: 'lisen' is not accepted: did you mean listen?; give "))
  }
}
