// What /help prints.

import CommandLineTools

/// The help of the console.
enum ConsoleHelp {
  private static let columns = 80

  /// The keys of the editor.
  static let keys = [
    ("arrows", "move, and go back to earlier lines"),
    ("Ctrl-A, Ctrl-E", "go to the start, or the end, of the line"),
    ("Ctrl-U, Ctrl-K, Ctrl-W", "erase to the start, to the end, or a word"),
    ("Ctrl-L", "clear the screen"),
    ("Ctrl-C", "discard the line; end if it is empty"),
    ("Ctrl-D", "end, if the line is empty"),
    ("Ctrl-Z", "stop until `fg`"),
  ]

  /// The lines of the help.
  static var lines: [String] {
    let forms = ShortForm.all.map { ($0.usage, $0.help) }
    return ["Type a request of SSMP, such as `MCAST news hello`, or:"] + rows(forms)
      + ["In TEXT, \\n, \\t, \\r, \\0, \\\\ and \\xHH stand for bytes.", "Keys:"] + rows(keys)
  }

  private static func rows(_ rows: [(String, String)]) -> [String] {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.flatMap { TextLayout.row($0.0, $0.1, width, columns).split(separator: "\n").map(String.init) }
  }
}
