// A line on the terminal, in parts of different styles.

/// What a part of a line looks like.
enum TopStyle: Sendable {
  case plain, bold, heading, chart, warning

  /// The escape sequence that begins it; `nil` for none. `heading` and `bold` are no colors.
  func sequence(hasColor: Bool) -> String? {
    switch self {
    case .plain: nil
    case .bold: "\u{1b}[1m"
    case .heading: "\u{1b}[7m"
    case .chart: hasColor ? "\u{1b}[36m" : nil
    case .warning: hasColor ? "\u{1b}[1;31m" : "\u{1b}[1m"
    }
  }
}

/// A line of text.
struct TopLine: Equatable, Sendable {
  private(set) var parts: [(text: String, style: TopStyle)] = []

  init(_ text: String = "", _ style: TopStyle = .plain) { add(text, style) }

  mutating func add(_ text: String, _ style: TopStyle = .plain) {
    if !text.isEmpty { parts.append((text, style)) }
  }

  /// The text alone.
  var text: String { parts.map(\.text).joined() }

  static func == (one: TopLine, other: TopLine) -> Bool {
    one.parts.elementsEqual(other.parts) { $0 == $1 }
  }

  /// The beginning of the line, in at most so many columns.
  func clipped(to columns: Int) -> TopLine {
    var line = TopLine()
    var rest = columns
    for part in parts {
      line.add(String(part.text.prefix(rest)), part.style)
      rest -= min(rest, part.text.count)
    }
    return line
  }

  /// The line with the escape sequences of its styles.
  func terminalText(hasColor: Bool) -> String {
    parts.map { part in
      guard let sequence = part.style.sequence(hasColor: hasColor) else { return part.text }
      return "\(sequence)\(part.text)\u{1b}[0m"
    }.joined()
  }
}
