// The bytes that the grammar names, and its classes of bytes.

/// The single bytes that the grammar names.
enum Byte {
  static let etx: UInt8 = 3
  static let lf: UInt8 = 10
  static let cr: UInt8 = 13
  static let space: UInt8 = 32
}

extension UInt8 {
  /// `UPALPHA`.
  @inline(__always) var isUpperAlpha: Bool { self &- 65 < 26 }

  /// `ID`: letters, digits and `. : @ / _ - + = ~`.
  @inline(__always) public var isID: Bool {
    // One bit for each of the 128 ASCII characters.
    let low: UInt64 = 0x27FF_E800_0000_0000
    let high: UInt64 = 0x47FF_FFFE_87FF_FFFF
    guard self < 128 else { return false }
    return (self < 64 ? low : high) >> UInt64(self & 63) & 1 != 0
  }

  /// The first byte of a binary payload: NUL, SOH, STX or ETX.
  @inline(__always) var startsBinary: Bool { self <= Byte.etx }
}
