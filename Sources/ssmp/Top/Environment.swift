// What the environment tells of the terminal.

import CommandLineTools

/// Variables of the environment.
enum Environment {
  /// False if `NO_COLOR` is set (no-color.org).
  static var hasColor: Bool { Contexts.variable("NO_COLOR") == nil }

  /// True if the terminal knows escape sequences.
  static var hasControls: Bool { Contexts.variable("TERM").map { $0 != "dumb" } ?? false }

  /// True if the terminal shows UTF-8, as the locale says.
  static var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Contexts.variable($0) }.first ?? ""
    return locale.uppercased().replacing("-", with: "").contains("UTF8")
  }
}
