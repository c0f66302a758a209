// What is wrong with the configuration, in one line.

/// A fault in the configuration: which setting, what it was given, and what would be accepted.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The faults, one a line; only a file of many lines has several.
  let lines: [String]

  /// All faults in one line.
  var description: String { lines.joined(separator: "; ") }

  init(_ description: String) {
    lines = [description]
  }

  init(lines: [String]) {
    self.lines = lines
  }

  /// The value of a setting is not one of those that are accepted.
  init(setting: String, value: String, accepted: String) {
    self.init("\(setting): '\(value.printable)' is not accepted; give \(accepted)")
  }
}

extension String {
  /// The text with control characters and line separators made visible, so that one line stays one line, and a terminal
  /// is not told anything.
  var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
