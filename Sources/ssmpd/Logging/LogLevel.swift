// How much is logged.

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

  static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}
