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
  /// The text with control characters made visible, so that one line stays one line.
  var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar.value < 32 || scalar.value == 127 {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
