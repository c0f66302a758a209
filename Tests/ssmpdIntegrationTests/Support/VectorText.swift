// The escapes of vectors.

/// Bytes as vectors write them: `\n`, `\r`, `\\`, `\{`, `\xNN`, and `{TEXT*COUNT}` for repetition.
enum VectorText {
  /// The bytes that `text` stands for; `nil` when it is not well formed.
  static func bytes(_ text: String) -> [UInt8]? {
    var rest = Array(text.utf8)[...]
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"):
        guard let escaped = escape(&rest) else { return nil }
        bytes.append(escaped)
      case UInt8(ascii: "{"):
        guard let repeated = repetition(&rest) else { return nil }
        bytes += repeated
      default: bytes.append(byte)
      }
    }
    return bytes
  }

  /// The byte behind a backslash.
  private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    switch rest.popFirst() {
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
    case UInt8(ascii: "{"): return UInt8(ascii: "{")
    case UInt8(ascii: "x"):
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      rest = rest.dropFirst(2)
      return digits.utf8.count == 2 ? UInt8(digits, radix: 16) : nil
    default: return nil
    }
  }

  /// The bytes of `TEXT*COUNT}`; the text may be escaped, and holds no `*` or `}`.
  private static func repetition(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard let star = rest.firstIndex(of: UInt8(ascii: "*")), let end = rest.firstIndex(of: UInt8(ascii: "}")),
      star < end, let count = Int(String(decoding: rest[(star + 1)..<end], as: UTF8.self)),
      let unit = bytes(String(decoding: rest[..<star], as: UTF8.self))
    else { return nil }
    rest = rest[(end + 1)...]
    return Array(repeatElement(unit, count: count).joined())
  }
}
