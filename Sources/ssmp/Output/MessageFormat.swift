// The formats of `-F`.

import CommandLineTools
import SSMPClient

/// A line with places for the parts of an event.
struct MessageFormat: Sendable {
  private enum Part: Sendable {
    case text([UInt8])
    case field(Character)
  }

  private static let fields: Set<Character> = ["i", "t", "v", "p", "x", "j", "T"]
  private var parts: [Part] = []

  /// Reads `%i` (from), `%t` (topic), `%v` (verb), `%p` (payload), `%x` (payload in hexadecimal), `%j` (JSON), `%T` (time) and
  /// `%%`, and `\n`, `\t`, `\0` and `\\`.
  init(_ text: String) throws(OptionError) {
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "%":
        guard let field = rest.popFirst(), field == "%" || Self.fields.contains(field) else {
          throw OptionError(setting: "format", value: text, accepted: "%i, %t, %v, %p, %x, %j, %T or %% after each %")
        }
        if field == "%" { add("%") } else { parts.append(.field(field)) }
      case "\\":
        let escapes: [Character: Character] = ["n": "\n", "t": "\t", "0": "\0", "\\": "\\"]
        guard let letter = rest.popFirst(), let meant = escapes[letter] else {
          throw OptionError(setting: "format", value: text, accepted: "\\n, \\t, \\0 or \\\\ after each \\")
        }
        add(meant)
      default: add(character)
      }
    }
  }

  private mutating func add(_ character: Character) {
    if case .text(let text)? = parts.last {
      parts[parts.count - 1] = .text(text + String(character).utf8)
    } else {
      parts.append(.text(Array(String(character).utf8)))
    }
  }

  /// The line for an event, without a line end. What comes from elsewhere goes through `shown`.
  func line(_ event: SSMPClient.Event, shown: ([UInt8]) -> [UInt8]) -> [UInt8] {
    parts.reduce(into: []) { line, part in
      switch part {
      case .text(let text): line += text
      case .field(let letter): line += Self.value(letter, event, shown)
      }
    }
  }

  private static func value(_ letter: Character, _ event: SSMPClient.Event, _ shown: ([UInt8]) -> [UInt8]) -> [UInt8] {
    switch letter {
    case "i": Array(event.from.description.utf8)
    case "t": Array((event.id?.description ?? "").utf8)
    case "v": Array(event.verb.utf8)
    case "p": shown(event.payload?.bytes ?? [])
    case "x": Array((event.payload?.bytes ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().utf8)
    case "T": Array(Timestamp.now().text.utf8)
    default: Array(EventText.json(event).utf8)
    }
  }
}
