// Objects of JSON.

/// Makes an object of JSON, a member after the other.
struct JSONText {
  private var members: [String] = []

  /// The object, in one line.
  var text: String { "{" + members.joined(separator: ",") + "}" }

  /// Adds a string.
  mutating func add(_ name: String, _ value: String) { members.append("\(Self.string(name)):\(Self.string(value))") }

  /// Adds a value that is JSON already: a number, a word, an object or an array.
  mutating func add(_ name: String, literal value: String) { members.append("\(Self.string(name)):\(value)") }

  /// Adds bytes: as `text` where they are UTF-8, as `base64` elsewhere.
  mutating func add(payload bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      add("text", text)
    } else {
      add("base64", Base64.encode(bytes))
    }
  }

  /// A string with its quotes.
  static func string(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      // Among them are those that end lines, and those that turn the direction of what follows.
      case _ where isControl(scalar):
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
