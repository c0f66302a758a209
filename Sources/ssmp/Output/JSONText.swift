// Objects of JSON.

import CommandLineTools

/// Makes an object of JSON, a member after the other.
struct JSONText {
  private var members: [(String, String)] = []

  /// The object, in one line.
  var text: String { JSON.object(members) }

  /// Adds a string.
  mutating func add(_ name: String, _ value: String) { members.append((name, JSON.string(value))) }

  /// Adds a value that is JSON already: a number, a word, an object or an array.
  mutating func add(_ name: String, literal value: String) { members.append((name, value)) }

  /// Adds bytes: as `text` where they are UTF-8, as `base64` elsewhere.
  mutating func add(payload bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      add("text", text)
    } else {
      add("base64", Base64.encode(bytes))
    }
  }
}
