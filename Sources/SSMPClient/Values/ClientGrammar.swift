// Which bytes identifiers and verbs may have.

import SSMPCore

/// The grammar's rules for what a client sends (Grammar).
enum ClientGrammar {
  /// True for 1 to 64 bytes that an identifier may have.
  static func isID(_ bytes: RawSpan) -> Bool {
    guard (1...Bounds.id).contains(bytes.byteCount) else { return false }
    for index in 0..<bytes.byteCount where !bytes.unsafeByte(index).isID { return false }
    return true
  }

  /// True for 1 to 16 capital letters.
  static func isVerb(_ text: String) -> Bool {
    (1...Bounds.verb).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) }
  }
}
