// What keeps a run from being one.

/// A fault in the options: which one, what it was given, and what would be accepted. Exit code 2.
struct OptionError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  /// The value of an option is not one of those that are accepted.
  init(_ name: String, _ value: String, accepted: String) {
    description = "\(name): '\(value.printable)' is not accepted; give \(accepted)"
  }
}

/// The run could not be done: no connection, no login, a server that breaks the protocol. Exit code 3.
struct RunError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension String {
  /// The text with control characters made visible, so that one line stays one line.
  var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      text += isControl ? "\\u{" + String(scalar.value, radix: 16) + "}" : String(scalar)
    }
    return text
  }
}
