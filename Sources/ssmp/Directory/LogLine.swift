// The lines of `out`.

import CommandLineTools
import SSMPClient

/// Lines of the files that grow: `TIME ID PAYLOAD` for a message, `TIME # TEXT` for a notice. `#`
/// is no character of an identifier, so no client can send what looks like a notice.
enum LogLine {
  /// A message.
  static func message(_ from: ID, _ payload: [UInt8], at time: Timestamp = .now()) -> [UInt8] {
    Array("\(time.text) \(from) \(escaped(payload))\n".utf8)
  }

  /// A notice of this program's.
  static func notice(_ text: String, at time: Timestamp = .now()) -> [UInt8] {
    Array("\(time.text) # \(text)\n".utf8)
  }

  /// Bytes as a part of a line, which `printf %b` of any shell makes into the bytes again: a
  /// backslash is written `\\`, and each byte of a control character, of an invisible format
  /// character, and of what is not UTF-8 as `\n`, `\r`, `\t` or `\0` and three octal digits.
  static func escaped(_ bytes: [UInt8]) -> String {
    let backslash = UInt8(ascii: "\\")
    if bytes.allSatisfy({ 0x20..<0x7f ~= $0 && $0 != backslash }) { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return bytes.reduce(into: "") { $0 += $1 < 128 ? escaped(UnicodeScalar($1)) : octal($1) }
    }
    return text.unicodeScalars.reduce(into: "") { $0 += escaped($1) }
  }

  private static func escaped(_ scalar: UnicodeScalar) -> String {
    switch scalar {
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    // Scripts and emoji need these two to join characters.
    case "\u{200c}", "\u{200d}": return String(scalar)
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      return String(scalar).utf8.reduce(into: "") { $0 += octal($1) }
    default: return String(scalar)
    }
  }

  private static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return "\\0" + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
