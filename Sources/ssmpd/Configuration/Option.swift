// The table of options: their names, help and meaning.

import SSMPCore
import SSMPTransport

/// One option of the command line.
struct Option {
  /// What it is about, in the order of the help text.
  enum Group: String, CaseIterable {
    case listening = "Listening and login"
    case certificates = "TLS (all files in PEM form)"
    case times = "Times (10s, 500ms, 2m, or seconds)"
    case limits = "Limits (sizes as 1MiB, 64KiB, or bytes)"
    case running = "Running"
  }

  /// What it does to the configuration.
  enum Effect {
    case flag((inout Configuration) -> Void)
    case value(placeholder: String, (inout Configuration, String) throws -> Void)
  }

  let name: String
  let group: Group
  let help: String
  let effect: Effect

  /// All options, in the order of the help text.
  static var all: [Option] { listening + certificates + times + limits + running }

  private static var listening: [Option] {
    [
      value(
        "listen", .listening,
        "where to listen: [tls://]ADDRESS:PORT, tcp://ADDRESS:PORT or unix:PATH, then ?auth=SCHEME,... "
          + "(repeatable; default: \(ListenSetting.standard.text))",
        "WHERE"
      ) { $0.listen.append(try ListenSetting($1)) },
      flag("open", .listening, "allow login without authentication (for debugging)") { $0.allowsOpen = true },
      value("secret-file", .listening, "allow login with the secret in FILE, without its last line end", "FILE") {
        $0.secretFile = $1
      },
      flag("strict", .listening, "no line mode: a CR before the LF is never dropped (telnet will not work)") {
        $0.strict = true
      },
    ]
  }

  private static var certificates: [Option] {
    [
      file("cert", "the server's certificate, and authorities above it that clients may not know", \.certificateFile),
      file("key", "its private key, not encrypted, not open to everybody", \.keyFile),
      file("cacert", "the authorities whose client certificates are trusted", \.authoritiesFile),
      file("crl", "their revocation lists", \.revocationsFile),
      file("ticket-keys", "where the keys of sessions are kept, so that they outlive a restart", \.ticketKeysFile),
    ]
  }

  private static var times: [Option] {
    [
      time("login-timeout", "close whoever has not logged in by then", \.loginTimeout),
      time("ping-interval", "send PING when no request has come for so long", \.pingInterval),
      time("pong-timeout", "close when none has come for so long after a PING", \.pongTimeout),
      time("write-timeout", "close whoever takes nothing of its output for so long", \.writeTimeout),
    ]
  }

  private static var limits: [Option] {
    [
      value(
        "max-connections", .limits, "connections in all (default: what the descriptor limit allows)", "N"
      ) { $0.maxConnections = try number($1, "--max-connections", Ranges.connections) },
      count(
        "max-connections-per-address", .limits, "connections from one address, or IPv6 /64; 0: no such limit",
        \.maxConnectionsPerAddress, Ranges.connectionsPerAddress),
      value(
        "max-waiting-per-address", .limits,
        "connections from one address, or IPv6 /64, before login; 0: no such limit (default: a quarter of all, 16 to 1024)",
        "N"
      ) { $0.maxWaitingPerAddress = try number($1, "--max-waiting-per-address", Ranges.connectionsPerAddress) },
      count(
        "max-subscriptions", .limits, "subscriptions of one connection", \.maxSubscriptions, Ranges.subscriptions),
      size("max-pending", "output that one connection may leave unread", \.maxPending, Ranges.pending),
      size("max-total-pending", "the same over all connections", \.maxTotalPending, Ranges.totalPending),
    ]
  }

  private static var running: [Option] {
    [
      count("loops", .running, "event loops, one thread each; 0: one for each core", \.loops, Ranges.loops),
      value("log-level", .running, "error, warning, notice, info or debug (default: notice)", "LEVEL") {
        guard let level = LogLevel(name: $1) else {
          throw ConfigurationError(setting: "--log-level", value: $1, accepted: "error, warning, notice, info or debug")
        }
        $0.logLevel = level
      },
      value(
        "admin", .running, "answer operators on a unix socket there, which only this user can open (say help)", "PATH"
      ) {
        guard (1...SocketAddress.longestPath).contains($1.utf8.count) else {
          throw ConfigurationError(
            setting: "--admin", value: $1, accepted: "a path of 1 to \(SocketAddress.longestPath) bytes")
        }
        $0.admin = $1
      },
      value("metrics", .running, "answer GET /metrics and /healthz there: tcp://127.0.0.1:PORT", "WHERE") {
        $0.metrics = try MetricsSetting($1)
      },
      flag("check", .running, "check the settings and the files they name, say ok or what is wrong, and end") {
        $0.action = .check
      },
      flag("version", .running, "print the version and end") { $0.action = .version },
      flag("help", .running, "print this and end") { $0.action = .help },
    ]
  }
}

// Options whose values are of a common kind.
extension Option {
  private static func flag(
    _ name: String, _ group: Group, _ help: String, _ apply: @escaping (inout Configuration) -> Void
  ) -> Option {
    Option(name: name, group: group, help: help, effect: .flag(apply))
  }

  private static func value(
    _ name: String, _ group: Group, _ help: String, _ placeholder: String,
    _ apply: @escaping (inout Configuration, String) throws -> Void
  ) -> Option {
    Option(name: name, group: group, help: help, effect: .value(placeholder: placeholder, apply))
  }

  private static func file(_ name: String, _ help: String, _ path: WritableKeyPath<Configuration, String?>) -> Option {
    value(name, .certificates, help, "FILE") { $0[keyPath: path] = $1 }
  }

  private static func time(_ name: String, _ help: String, _ path: WritableKeyPath<Configuration, UInt32>) -> Option {
    let initial = Units.describe(milliseconds: Configuration()[keyPath: path])
    return value(name, .times, "\(help) (default: \(initial))", "TIME") { configuration, text in
      guard let value = Units.milliseconds(text), value <= Ranges.time.upperBound, Ranges.time.contains(UInt32(value))
      else {
        throw ConfigurationError(setting: "--\(name)", value: text, accepted: "a time from 1ms to 7d (10s, 500ms, 2m)")
      }
      configuration[keyPath: path] = UInt32(value)
    }
  }

  private static func size(
    _ name: String, _ help: String, _ path: WritableKeyPath<Configuration, Int>, _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Units.describe(bytes: Configuration()[keyPath: path])
    return value(name, .limits, "\(help) (default: \(initial))", "SIZE") { configuration, text in
      guard let value = Units.bytes(text), range.contains(value) else {
        let lower = Units.describe(bytes: range.lowerBound)
        let upper = Units.describe(bytes: range.upperBound)
        throw ConfigurationError(setting: "--\(name)", value: text, accepted: "a size from \(lower) to \(upper)")
      }
      configuration[keyPath: path] = value
    }
  }

  private static func count(
    _ name: String, _ group: Group, _ help: String, _ path: WritableKeyPath<Configuration, Int>,
    _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Configuration()[keyPath: path]
    return value(name, group, "\(help) (default: \(initial))", "N") { configuration, text in
      configuration[keyPath: path] = try number(text, "--\(name)", range)
    }
  }

  private static func number(_ text: String, _ setting: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let value = Units.digits(text), range.contains(value) else {
      throw ConfigurationError(
        setting: setting, value: text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
