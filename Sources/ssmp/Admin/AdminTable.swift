// Answers of the admin socket in columns.

import CommandLineTools

/// Arranges lines of keys and values for a terminal.
enum AdminTable {
  /// The answer to a command: listings as tables, all else as pairs of keys and values.
  ///
  /// - Parameter columns: the width of the terminal.
  static func text(_ answer: AdminAnswer, _ verb: AdminVerb, columns: Int) -> String {
    var text = ""
    var items: [AdminLine] = []
    for line in answer.lines {
      if verb.isItem(line) {
        items.append(line)
        continue
      }
      text += table(items) + pairs(line, columns)
      items = []
    }
    text += table(items)
    if answer.lines.isEmpty, verb.itemKey != nil { text += "none\n" }
    return text + summary(answer.summary)
  }

  /// What the listing lacks.
  private static func summary(_ line: AdminLine) -> String {
    if let count = line.number("count"), let matched = line.number("matched"), matched > count {
      return "\(count) of \(matched)\n"
    }
    return line["more"] == "true" ? "there are more\n" : ""
  }

  /// Lines below each other, under the keys of the first. Numbers stand at the right of their columns.
  static func table(_ lines: [AdminLine]) -> String {
    guard let keys = lines.first?.fields.map(\.key) else { return "" }
    let rows = lines.map { line in keys.map { line[$0] ?? "-" } }
    let widths = keys.indices.map { column in
      ([keys[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    let isNumeric = keys.indices.map { column in rows.allSatisfy { Double($0[column]) != nil } }
    return ([keys.map { $0.uppercased() }] + rows).map { row in
      let cells = row.indices.map { column in
        isNumeric[column]
          ? TextLayout.rightAligned(row[column], widths[column]) : TextLayout.padded(row[column], widths[column])
      }
      return cells.joined(separator: "  ").trimmingSuffix(" ") + "\n"
    }.joined()
  }

  /// The pairs of a line, as many beside each other as there is room for.
  static func pairs(_ line: AdminLine, _ columns: Int) -> String {
    let cells = line.fields.map { $0.value.isEmpty ? $0.key : "\($0.key) \($0.text)" }
    // Pairs of many lines stand below each other if their width is one of few.
    let width = ((cells.map(\.count).max() ?? 0) + 2 + 7) / 8 * 8
    let count = max(1, columns / max(1, width))
    return stride(from: 0, to: cells.count, by: count).map { start in
      let row = cells[start..<min(start + count, cells.count)]
      return row.map { TextLayout.padded($0, width) }.joined().trimmingSuffix(" ") + "\n"
    }.joined()
  }
}

extension String {
  /// The text without these characters at its end.
  func trimmingSuffix(_ character: Character) -> String {
    var text = self
    while text.last == character { text.removeLast() }
    return text
  }
}
