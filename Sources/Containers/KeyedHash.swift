// The hash of names that come from outside.

/// A keyed hash of short byte strings by folded multiplication.
///
/// A peer that chooses names does not know the key (the daemon draws it from the kernel at each
/// start), and no response shows a hash. So it cannot prepare names that collide.
/// `docs/architecture.md` has the details.
public struct KeyedHash: Sendable {
  @usableFromInline let start: UInt64
  @usableFromInline let factor: UInt64

  /// A hash with this key: 128 bits from a random source, or fixed ones in a test that must repeat.
  public init(key: (UInt64, UInt64)) {
    start = key.0
    factor = key.1 | 1
  }

  /// The hash of `bytes[range]`, which is not empty.
  @inlinable @inline(__always) public func callAsFunction(_ bytes: RawSpan, _ range: Range<Int>) -> UInt32 {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount)
    var state = start ^ UInt64(truncatingIfNeeded: range.count)
    var index = range.lowerBound
    while range.upperBound - index > 8 {
      state = unsafe fold(state ^ bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    return UInt32(truncatingIfNeeded: fold(fold(state ^ tail(bytes, range))))
  }

  /// The last bytes, eight at most, in one word; which of them overlap depends on their number alone, which is in the state.
  @inlinable @inline(__always) func tail(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64 {
    let end = range.upperBound
    if range.count >= 8 { return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: end - 8, as: UInt64.self) }
    if range.count >= 4 {
      let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self)
      let last = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: end - 4, as: UInt32.self)
      return UInt64(first) << 32 | UInt64(last)
    }
    guard range.count > 0 else { return 0 }
    func byte(_ index: Int) -> UInt64 { UInt64(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
    let middle = byte(range.lowerBound + range.count / 2)
    return byte(range.lowerBound) << 16 | middle << 8 | byte(end - 1)
  }

  /// The hash of a pair of numbers.
  @inlinable public func callAsFunction(_ first: UInt32, _ second: UInt32) -> UInt32 {
    // One multiplication turns numbers that count up into equal steps, which under many a key fall into few buckets.
    let mixed = fold(fold(start ^ (UInt64(first) << 32 | UInt64(second))))
    // If the digits of the key are regular, the lower half alone still grows in equal steps when
    // only `first` counts up, as it does for the subscriptions of one topic: a million of them were
    // searched in lists of 22 instead of 2.
    return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
  }

  /// The hash of a number of 128 bits, such as an address.
  @inlinable public func callAsFunction(high: UInt64, low: UInt64) -> UInt32 {
    let mixed = fold(fold(fold(start ^ high) ^ low))
    return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
  }

  @inlinable @inline(__always) func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
}
