// The table of options: their names, help and meaning, on the command line and in the configuration file.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// One option of the command line. All but a few are settings, and stand in the configuration file under the same name.
struct Option: CommandLineOption {
  /// What it is about, in the order of the help text.
  enum Group: String, CaseIterable {
    case listening = "Listening and login"
    case certificates = "TLS (all files in PEM form)"
    case times = "Times (10s, 500ms, 2m, or seconds)"
    case limits = "Limits (sizes as 1MiB, 64KiB, or bytes)"
    case running = "Running"
  }

  /// When a value that has changed comes into force.
  enum Change: Equatable {
    /// With the next reload. Whoever adds such a setting puts it in force in `Hub.apply`.
    case reloadable
    /// With the next start. A reload keeps the old value, and says so.
    case needsRestart
    /// Never: it is no setting, and the configuration file cannot have it.
    case notASetting
  }

  let name: String
  let group: Group
  let change: Change
  let help: String
  let effect: OptionEffect<Configuration>
  /// What of the configuration it sets; `nil` when it is no setting.
  var field: Field?
  /// True when it may be given several times, and each adds to the others.
  var isRepeatable = false

  /// All options, in the order of the help text.
  static var all: [Option] { listening + certificates + times + limits + running }

  private static var listening: [Option] {
    [
      listen,
      flag("open", .listening, .reloadable, "allow login without authentication (for debugging)", \.allowsOpen),
      value(
        "secret-file", .listening, .reloadable, "allow login with the secret in FILE, of 16 bytes or more",
        "FILE",
        \.secretFile
      ) { SecretSetting($0) },
      protection(
        "access", .listening, "who may do what, as the rules in FILE say (default: everybody everything)", \.accessFile),
      flag(
        "strict", .listening, .reloadable, "no line mode: a CR before the LF is never dropped (telnet will not work)",
        \.strict),
    ]
  }

  private static var listen: Option {
    Option(
      name: "listen", group: .listening, change: .needsRestart,
      help:
        "where to listen: [tls://]ADDRESS:PORT, tcp://ADDRESS:PORT, unix:PATH, or systemd+tls:NAME (or +tcp, +unix), "
        + "then ?auth=SCHEME,... "
        + "(repeatable; default: \(ListenSetting.standard.text))",
      effect: .value(placeholder: "WHERE") { (configuration, text) throws(ConfigurationError) in
        configuration.listen.append(try ListenSetting(text))
      },
      // Of the same address the schemes change with a reload.
      field: Field(\.listen) { $0.keepListeners(of: $1) }, isRepeatable: true)
  }

  private static var certificates: [Option] {
    [
      file(
        "cert", .reloadable, "the server's certificate, and authorities above it that clients may not know",
        \.certificateFile),
      file("key", .reloadable, "its private key, not encrypted, not open to everybody", \.keyFile),
      file("cacert", .reloadable, "the authorities whose client certificates are trusted", \.authoritiesFile),
      protection("crl", .certificates, "their revocation lists", \.revocationsFile),
      file(
        "ticket-keys", .needsRestart, "where the keys of sessions are kept, so that they outlive a restart",
        \.ticketKeysFile),
    ]
  }

  private static var times: [Option] {
    [
      time("login-timeout", .reloadable, "close whoever has not logged in by then", \.loginTimeout),
      time("ping-interval", .reloadable, "send PING when no request has come for so long", \.pingInterval),
      time("pong-timeout", .reloadable, "close when none has come for so long after a PING", \.pongTimeout),
      time("write-timeout", .reloadable, "close whoever takes nothing of its output for so long", \.writeTimeout),
      value(
        "drain", .times, .reloadable,
        "on SIGTERM, close connections one after the other over so long; 0: together (default: "
          + "\(Units.describe(milliseconds: Defaults.drain)))", "TIME", \.drain
      ) { (text) throws(ConfigurationError) in
        try milliseconds(text, "drain", Ranges.drain, accepted: "a time from 0 to 1h (10s, 500ms, 2m)")
      },
    ]
  }

  private static var limits: [Option] {
    [
      value(
        "max-connections", .limits, .reloadable, "connections in all (default: what the descriptor limit allows)", "N",
        \.maxConnections
      ) { (text) throws(ConfigurationError) in
        try OptionValue.number(text, of: "max-connections", in: Ranges.connections)
      },
      count(
        "max-connections-per-address", .limits, .reloadable,
        "connections from one address, or IPv6 /64; 0: no such limit", \.maxConnectionsPerAddress,
        Ranges.connectionsPerAddress),
      value(
        "max-waiting-per-address", .limits, .reloadable,
        "connections from one address, or IPv6 /64, before login; 0: no such limit (default: a quarter of all, 16 to 1024)",
        "N", \.maxWaitingPerAddress
      ) { (text) throws(ConfigurationError) in
        try OptionValue.number(text, of: "max-waiting-per-address", in: Ranges.connectionsPerAddress)
      },
      count(
        "max-failed-logins", .limits, .reloadable,
        "failed logins of one address, or IPv6 /64, in a minute; then one connection a second is let in; 0: no such limit",
        \.maxFailedLogins, Ranges.failedLogins),
      count(
        "max-rate", .limits, .reloadable,
        "requests of one connection in a second; then reading from it pauses; 0: no such limit", \.maxRate, Ranges.rate),
      count(
        "max-subscriptions", .limits, .reloadable, "subscriptions of one connection", \.maxSubscriptions,
        Ranges.subscriptions),
      size("max-pending", .reloadable, "output that one connection may leave unread", \.maxPending, Ranges.pending),
      size(
        "max-total-pending", .reloadable, "the same over all connections", \.maxTotalPending, Ranges.totalPending),
    ]
  }

  private static var running: [Option] {
    [
      count(
        "loops", .running, .needsRestart, "event loops, one thread each; 0: one for each core", \.loops, Ranges.loops),
      value(
        "log-level", .running, .reloadable, "error, warning, notice, info or debug (default: notice)", "LEVEL",
        \.logLevel
      ) { (text) throws(ConfigurationError) in
        guard let level = LogLevel(name: text) else {
          guard let meant = LogLevel.meant(by: text) else {
            throw ConfigurationError(setting: "log-level", value: text, accepted: .init(LogLevel.list))
          }
          throw ConfigurationError(
            setting: "log-level", value: text, problem: "did you mean \(meant.name)?", accepted: LogLevel.list)
        }
        return level
      },
      value(
        "admin", .running, .needsRestart,
        "answer operators on a unix socket there, which only this user can open (say help)", "PATH", \.admin
      ) { (text) throws(ConfigurationError) in
        guard (1...SocketAddress.longestPath).contains(text.utf8.count) else {
          throw ConfigurationError(
            setting: "admin", value: text, accepted: "a path of 1 to \(SocketAddress.longestPath) bytes")
        }
        return text
      },
      value(
        "metrics", .running, .needsRestart, "answer GET /metrics and /healthz there: tcp://127.0.0.1:PORT", "WHERE",
        \.metrics
      ) { (text) throws(ConfigurationError) in try MetricsSetting(text) },
      Option(
        name: "config", group: .running, change: .notASetting,
        help: "read settings from FILE, a line 'name value' each; options override it",
        effect: .value(placeholder: "FILE") { $0.configFile = $1 }),
      action("check", "check the settings and the files they name, say ok or what is wrong, and end", .check),
      Option(
        name: "user", group: .running, change: .notASetting,
        help: "with --check as root: read files as this user (default: ssmpd, if there is one)",
        effect: .value(placeholder: "NAME") { $0.checkUser = $1 }),
      Option(
        name: "reload", group: .running, change: .notASetting,
        help: "have the server with the process number PID reload, wait for the result, and end with 1 if it failed",
        effect: .value(placeholder: "PID") { (configuration, text) throws(ConfigurationError) in
          configuration.action = .reload(Int32(try OptionValue.number(text, of: "reload", in: 1...Int(Int32.max))))
        }),
      action("version", "print the version and end", .version),
      Option(
        name: "help", group: .running, change: .notASetting,
        help: "print this, or all that there is to say about an option or a subject, and end",
        effect: .question(placeholder: "SUBJECT") { (configuration, subject) throws(ConfigurationError) in
          if let subject, Help.pages.text(about: subject) == nil { throw Help.pages.unknown(subject) }
          configuration.action = .help(subject)
        }),
    ]
  }
}
