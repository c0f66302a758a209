// Objects of JSON (RFC 8259), as far as a line of a message needs them.

/// The strings among the members of an object. Other members are read over: numbers, words, objects and arrays.
struct JSONObject {
  private var rest: Substring.UnicodeScalarView
  private static let deepest = 32

  /// The members of the object in a line that are strings; `nil` if it is no object.
  static func members(_ line: [UInt8]) -> [String: String]? {
    guard let text = String(validating: line, as: UTF8.self) else { return nil }
    var reader = JSONObject(rest: text[...].unicodeScalars)
    guard let members = reader.object(depth: 0) else { return nil }
    reader.skipBlanks()
    return reader.rest.isEmpty ? members : nil
  }

  private mutating func object(depth: Int) -> [String: String]? {
    guard depth < Self.deepest, take("{") else { return nil }
    var members: [String: String] = [:]
    guard !take("}") else { return members }
    repeat {
      guard let name = string(), take(":") else { return nil }
      skipBlanks()
      if rest.first == "\"" {
        guard let value = string() else { return nil }
        members[name] = value
      } else if !skipValue(depth: depth + 1) {
        return nil
      }
    } while take(",")
    return take("}") ? members : nil
  }

  private mutating func skipValue(depth: Int) -> Bool {
    skipBlanks()
    switch rest.first {
    case "{": return object(depth: depth) != nil
    case "[": return skipArray(depth: depth)
    case "\"": return string() != nil
    default:
      let word = rest.prefix {
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || "+-.".unicodeScalars.contains($0)
      }
      rest = rest.dropFirst(word.count)
      let text = String(word)
      return ["true", "false", "null"].contains(text) || Double(text) != nil
    }
  }

  private mutating func skipArray(depth: Int) -> Bool {
    guard depth < Self.deepest, take("[") else { return false }
    guard !take("]") else { return true }
    repeat { guard skipValue(depth: depth + 1) else { return false } } while take(",")
    return take("]")
  }

  private mutating func skipBlanks() {
    rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(text)
      case "\\":
        guard let escaped = escape() else { return nil }
        text.append(escaped)
      case _ where scalar.value < 32: return nil
      default: text.append(scalar)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let letter = rest.popFirst() else { return nil }
    switch letter {
    case "\"", "\\", "/": return letter
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      guard let unit = unit() else { return nil }
      guard (0xd800...0xdbff).contains(unit) else { return Unicode.Scalar(unit) }
      // A pair of surrogates.
      guard rest.popFirst() == "\\", rest.popFirst() == "u", let low = self.unit(), (0xdc00...0xdfff).contains(low)
      else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    let digits = rest.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
    rest = rest.dropFirst(4)
    return UInt32(String(digits), radix: 16)
  }
}
