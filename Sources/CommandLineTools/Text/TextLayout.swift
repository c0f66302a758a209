// Text in columns.

/// Arranges text for a terminal or a file. Every character counts as one column.
public enum TextLayout {
  /// A name and its meaning side by side, two columns from the margin and from each other, with
  /// line ends.
  ///
  /// - Parameters:
  ///   - width: the width of the column of names.
  ///   - columns: the width of the whole.
  public static func row(_ name: String, _ meaning: String, _ width: Int, _ columns: Int) -> String {
    let lines = wrapped(meaning, columns - width - 4)
    let rest = lines.dropFirst().map { "\(blanks(width + 4))\($0)\n" }
    return "  \(padded(name, width))  \(lines.first ?? "")\n" + rest.joined()
  }

  /// The words of a text in lines of at most so many columns; a longer word has a line of its own.
  public static func wrapped(_ text: String, _ columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " \(word)"
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// The text with blanks behind it up to `width` columns.
  public static func padded(_ text: String, _ width: Int) -> String { text + blanks(width - text.count) }

  /// The text with blanks in front of it up to `width` columns.
  public static func rightAligned(_ text: String, _ width: Int) -> String { blanks(width - text.count) + text }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
