// Files of settings: one setting a line.

/// One setting of a file: `NAME VALUE`.
public struct SettingLine: Sendable {
  /// The number of the line, from 1.
  public let number: Int
  /// The name of the setting.
  public let name: String
  /// The rest of the line without the blanks around it; `nil` when the name stands alone.
  public let value: String?
}

/// A file of settings, taken apart into lines: `NAME VALUE`, blank ones, and comments, whose first
/// character is `#`. A value may hold `#` and blanks.
public struct SettingLines: Sendable {
  /// A file that is no text in UTF-8.
  public struct NoText: Error {
    /// The first line that is none; `nil` if it is the file as a whole.
    public let line: Int?
  }

  /// The settings, in their order.
  public let all: [SettingLine]

  /// Takes the content of a file apart.
  public init(_ bytes: [UInt8]) throws(NoText) {
    // Some editors mark UTF-8 with three bytes at the beginning.
    let marked: [UInt8] = [0xef, 0xbb, 0xbf]
    guard let text = String(validating: bytes.starts(with: marked) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
    else { throw NoText(line: Self.firstLineThatIsNoText(bytes)) }
    var lines: [SettingLine] = []
    var number = 0
    for content in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if let line = Self.line(number, content) { lines.append(line) }
    }
    all = lines
  }

  private static func line(_ number: Int, _ content: Substring.UTF8View) -> SettingLine? {
    let content = trimmed(content)
    guard let first = content.first, first != UInt8(ascii: "#") else { return nil }
    let name = content.prefix { !isBlank($0) }
    let value = trimmed(content[name.endIndex...])
    return SettingLine(
      number: number, name: String(Substring(name)), value: value.isEmpty ? nil : String(Substring(value)))
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  /// A blank, a tab, or the first half of a line end as other systems write it.
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

  private static func firstLineThatIsNoText(_ bytes: [UInt8]) -> Int? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
  }
}
