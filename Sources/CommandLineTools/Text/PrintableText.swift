// Text from elsewhere, made safe for a terminal or a log.

extension String {
  /// The text, or its beginning and `...` if it has more than 256 bytes of UTF-8.
  public var clipped: String { utf8.count <= 256 ? self : "\(prefix(64))..." }

  /// The text with control characters and line separators as `\u{…}`, so that one line stays one
  /// line, and a terminal takes nothing for a command.
  public var printable: String {
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

  /// The text as the value of a log line's `key=value`, in double quotes. In it, `\"` and `\\`
  /// stand for a quote and a backslash. It is also `printable`, so a client that chooses the text
  /// can forge neither a line nor a key.
  public var quoted: String {
    var text = "\""
    for scalar in printable.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }

  /// The same, without quotes if the text is one word of printable ASCII.
  public var logged: String {
    let isWord = !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    return isWord ? self : quoted
  }

  /// Bytes as the inside of a quoted value: bytes other than printable ASCII as `\xHH`, quotes and
  /// backslashes with a backslash in front.
  public init(escaping bytes: some Sequence<UInt8>) {
    self = ""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += "\\" + String(UnicodeScalar(byte))
      case 32...126: unicodeScalars.append(UnicodeScalar(byte))
      default: self += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
  }
}
