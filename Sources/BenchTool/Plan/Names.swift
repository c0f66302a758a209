// The names of connections and topics.

/// Names as they go over the wire.
enum Names {
  /// A byte of an identifier (Grammar: `ID`).
  static func isID(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: ".:@/_-+=~".utf8.contains(byte)
    }
  }
}
