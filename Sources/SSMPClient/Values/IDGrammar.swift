// Which bytes identifiers, verbs and payloads may have.

import SSMPCore

/// The grammar's rules for what a client sends (Grammar).
enum IDGrammar {
  /// True for 1 to 64 bytes that an identifier may have.
  static func isValid(_ bytes: RawSpan) -> Bool {
    guard (1...Bounds.id).contains(bytes.byteCount) else { return false }
    for index in 0..<bytes.byteCount where !isID(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) {
      return false
    }
    return true
  }

  private static func isID(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: ".:@/_-+=~".utf8.contains(byte)
    }
  }

  /// True for 1 to 16 capital letters.
  static func isVerb(_ text: String) -> Bool {
    (1...Bounds.verb).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) }
  }
}
