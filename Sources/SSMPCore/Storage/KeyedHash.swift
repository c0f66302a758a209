// The hash of names that come from outside.

/// A keyed hash of short byte strings by folded multiplication.
///
/// Whoever chooses names does not know the key (the daemon draws it from the kernel at each start), and no answer shows a
/// hash, so colliding names cannot be prepared. `docs/architecture.md` says more.
public struct KeyedHash: Sendable {
  private let start: UInt64
  private let factor: UInt64

  /// A hash with this key: 128 bits from a random source, or fixed ones in a test that must repeat.
  public init(key: (UInt64, UInt64)) {
    start = key.0
    factor = key.1 | 1
  }

  /// The hash of `bytes[range]`.
  func callAsFunction(_ bytes: RawSpan, _ range: Range<Int>) -> UInt32 {
    var state = start ^ UInt64(truncatingIfNeeded: range.count)
    var index = range.lowerBound
    while range.upperBound - index >= 8 {
      state = unsafe fold(state ^ bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    if index < range.upperBound {
      var tail: UInt64 = 0
      while index < range.upperBound {
        tail = tail << 8 | UInt64(bytes.byte(index))
        index += 1
      }
      state = fold(state ^ tail)
    }
    return UInt32(truncatingIfNeeded: fold(state))
  }

  /// The hash of a pair of numbers.
  func callAsFunction(_ first: UInt32, _ second: UInt32) -> UInt32 {
    // One multiplication turns numbers that count up into equal steps, which under many a key fall into few buckets.
    let mixed = fold(fold(start ^ (UInt64(first) << 32 | UInt64(second))))
    // Under a key whose digits are regular the lower half alone still steps when only `first` counts up, as it does for the
    // subscriptions of one topic: a million of them were searched in lists of 22 instead of 2.
    return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
  }

  private func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
}
