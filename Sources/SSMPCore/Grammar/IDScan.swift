// Identifiers, eight bytes at a time.

/// Where an identifier ends. Nothing of a message but its payload has as many bytes, and a payload is searched for one byte;
/// looking at each byte of identifiers apart was a quarter of what a unicast took.
///
/// A word is eight bytes side by side. Their highest bits are zero while they are looked at, so that sums do not carry from
/// one byte into the next, and a byte's highest bit is free for the answer.
enum IDScan {
  /// The number of ID characters from `index` on, as far as the span reaches: exact up to the longest identifier, and some
  /// number above that where there are more.
  @inline(__always) static func length(_ bytes: RawSpan, at index: Int) -> Int {
    var place = index
    let count = bytes.byteCount
    while place + 8 <= count {
      let word = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
      let others = marks(of: word) ^ every(0x80)
      guard others == 0 else { return place + others.trailingZeroBitCount >> 3 - index }
      place += 8
      if place - index > Bounds.id { return place - index }
    }
    while place < count, bytes.byte(place).isID { place += 1 }
    return place - index
  }

  /// The highest bit of each byte that is an ID character.
  @inline(__always) private static func marks(of word: UInt64) -> UInt64 {
    let low = word & every(0x7f)
    let found =
      between(low, UInt8(ascii: "-"), UInt8(ascii: ":"))  // - . / digits :
      | between(low, UInt8(ascii: "@"), UInt8(ascii: "Z")) | between(low, UInt8(ascii: "a"), UInt8(ascii: "z"))
      | equal(low, UInt8(ascii: "_")) | equal(low, UInt8(ascii: "~"))
      | equal(low, UInt8(ascii: "+")) | equal(low, UInt8(ascii: "="))
    return found & ~word & every(0x80)
  }

  /// The highest bit of each byte from `first` to `last`.
  @inline(__always) private static func between(_ low: UInt64, _ first: UInt8, _ last: UInt8) -> UInt64 {
    (low &+ every(0x80 - first)) & ~(low &+ every(0x7f - last))
  }

  /// The highest bit of each byte that equals `byte`.
  @inline(__always) private static func equal(_ low: UInt64, _ byte: UInt8) -> UInt64 {
    ~((low ^ every(byte)) &+ every(0x7f))
  }

  /// A word of eight equal bytes.
  @inline(__always) private static func every(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }
}
