// How much is logged.

import CommandLineTools

/// The importance of a log line; the raw values are those of syslog.
enum LogLevel: UInt8, CaseIterable, Comparable, Sendable {
  case error = 3
  case warning = 4
  case notice = 5
  case info = 6
  case debug = 7

  init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }

  var name: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    case .debug: "debug"
    }
  }

  /// The names of all levels, as a message gives them.
  static let list = "error, warning, notice, info or debug"

  /// Names of levels elsewhere.
  private static let otherNames: [String: LogLevel] = [
    "err": .error, "crit": .error, "critical": .error, "alert": .error, "emerg": .error, "fatal": .error,
    "warn": .warning, "note": .notice, "information": .info, "informational": .info, "verbose": .debug,
    "trace": .debug, "dbg": .debug,
  ]

  /// The level that a wrong name probably means: a name that other programs use for a level, or a
  /// name that is mistyped.
  static func meant(by name: String) -> LogLevel? {
    otherNames[name.lowercased()] ?? NearestName.to(name, among: allCases.map(\.name)).flatMap { LogLevel(name: $0) }
  }

  static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}
