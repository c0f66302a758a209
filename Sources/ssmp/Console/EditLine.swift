// How the line that is being typed is shown.

import CommandLineTools

/// A prompt and the part of a line around the cursor, in one line of the terminal.
struct EditLine: Equatable {
  /// The prompt and what is visible.
  let text: String
  /// The column of the cursor, from 0.
  let column: Int

  /// - Parameter columns: the width of the terminal. Its last column stays free: what is written there may wrap.
  init(_ editor: LineEditor, prompt: String, columns: Int) {
    let prompt = Columns.width(prompt) + 10 > columns ? "> " : prompt
    let cells = editor.text.map { String($0).printable }
    let widths = cells.map(Columns.width)
    let room = max(1, columns - 1 - Columns.width(prompt))
    var start = editor.cursor
    var before = 0
    while start > 0, before + widths[start - 1] <= room {
      start -= 1
      before += widths[start]
    }
    var end = editor.cursor
    var all = before
    while end < cells.count, all + widths[end] <= room {
      all += widths[end]
      end += 1
    }
    text = prompt + cells[start..<end].joined()
    column = Columns.width(prompt) + before
  }

  /// What draws the line in place of the one that the cursor is in.
  var drawing: String { "\r\(text)\u{1b}[K\r" + (column > 0 ? "\u{1b}[\(column)C" : "") }
}

/// The columns that text takes in a terminal.
enum Columns {
  /// The columns of a text without control characters.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  private static func width(_ character: Character) -> Int {
    // An emoji of several scalars is as wide as its widest one.
    character.unicodeScalars.reduce(0) { max($0, width($1)) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // Wide and fullwidth characters (Unicode Standard Annex 11), in ranges.
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1faff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}
