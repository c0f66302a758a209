// What is wrong with the configuration, in one line.

/// A fault in the configuration: which setting, what it was given, and what would be accepted.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  /// The value of a setting is not one of those that are accepted.
  init(setting: String, value: String, accepted: String) {
    description = "\(setting): '\(value.printable)' is not accepted; give \(accepted)"
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
