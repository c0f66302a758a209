// Base64 (RFC 4648, section 4).

/// Bytes as text for JSON.
enum Base64 {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The bytes as text, padded with `=`.
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      let group = (0..<3).reduce(0) { $0 << 8 | ($1 < count ? Int(bytes[start + $1]) : 0) }
      for index in 0..<4 {
        text.append(index <= count ? letters[group >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of such a text; `nil` if it is none.
  static func decode(_ text: String) -> [UInt8]? {
    let all = Array(text.utf8)
    let digits = all.reversed().drop { $0 == UInt8(ascii: "=") }.reversed().map { letters.firstIndex(of: $0) }
    guard all.count % 4 == 0, all.count - digits.count <= 2, !digits.contains(nil) else { return nil }
    var bytes: [UInt8] = []
    var (buffer, bits) = (0, 0)
    for digit in digits {
      buffer = buffer << 6 | (digit ?? 0)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(buffer >> bits & 0xff))
      }
    }
    return bytes
  }
}
