// Values in log lines.

extension String {
  /// The text as the value of a log line's `key=value`, in double quotes, in which `\"` and `\\` stand for a quote and a
  /// backslash. What breaks lines, or what a terminal takes for a command, is made visible: whoever chooses the text can
  /// forge neither a line nor a key.
  var quoted: String {
    var text = "\""
    for scalar in printable.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }

  /// The same, without quotes where the text is one plain word.
  var logged: String {
    let isWord = !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    return isWord ? self : quoted
  }
}
