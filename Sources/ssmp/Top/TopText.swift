// Figures and names in few columns.

import CommandLineTools

/// Short texts for a terminal.
enum TopText {
  /// A count or a rate: `0.4`, `12`, `12,345`, `1.2M`.
  static func count(_ value: Double?) -> String {
    guard let value else { return "-" }
    switch value {
    case 0: return "0"
    case ..<9.95: return value == value.rounded() ? Format.fixed(value, 0) : Format.fixed(value, 1)
    case ..<999_999.5: return Format.number(value)
    case ..<1e9: return Format.fixed(value / 1e6, 1) + "M"
    default: return Format.fixed(value / 1e9, 1) + "G"
    }
  }

  /// Bytes: `512`, `12.3K`, `1.2M`; K is 1024 bytes.
  static func bytes(_ value: Double?) -> String {
    guard var value else { return "-" }
    guard value >= 1000 else { return Format.fixed(value, 0) }
    for unit in ["K", "M", "G"] {
      value /= 1024
      if value < 999.5 { return Format.fixed(value, value < 9.95 ? 1 : 0) + unit }
    }
    return Format.fixed(value / 1024, 1) + "T"
  }

  /// A time that something has lasted, in two units: `45s`, `3h05m`, `12d4h`.
  static func age(_ seconds: Double) -> String {
    let seconds = Int(max(0, min(seconds, 1e12)))
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86400: return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
    default: return "\(seconds / 86400)d\(seconds / 3600 % 24)h"
    }
  }

  /// A short time: `0.25 ms`.
  static func time(_ seconds: Double?) -> String {
    guard let seconds else { return "-" }
    return seconds > 0 ? Format.time(nanoseconds: UInt64(min(seconds, 1e6) * 1e9)) : "0"
  }

  /// A name from elsewhere, in ASCII: each character has one column, and none is a command for the terminal.
  static func name(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      (32...126).contains(scalar.value) ? String(scalar) : "\\u{" + String(scalar.value, radix: 16) + "}"
    }.joined()
  }

  /// A text in exactly so many columns; one that is too long ends with `~`.
  static func fitted(_ text: String, _ columns: Int) -> String {
    guard text.count > columns else { return TextLayout.padded(text, columns) }
    return columns > 0 ? text.prefix(columns - 1) + "~" : ""
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
