// Distributions of times.

/// Counts of values in logarithmic classes: 64 for each doubling, so that a value is known to 1.6 %, from 0 to 2⁴⁷, in memory
/// that does not grow.
struct LatencyHistogram: Sendable {
  private static let bits: UInt64 = 6
  private static let classes = (48 - Int(bits)) << Int(bits)

  private(set) var counts = [UInt64](repeating: 0, count: classes)
  private(set) var count: UInt64 = 0
  private(set) var maximum: UInt64 = 0
  private(set) var sum: UInt64 = 0

  /// The class of a value.
  @inline(__always)
  static func index(_ value: UInt64) -> Int {
    let value = min(value, 1 << 47 - 1)
    guard value >= 1 << bits else { return Int(value) }
    let exponent = UInt64(63 - value.leadingZeroBitCount) - bits
    return Int((exponent + 1) << bits | (value >> exponent & (1 << bits - 1)))
  }

  /// The least value of a class.
  static func lowerBound(_ index: Int) -> UInt64 {
    let exponent = UInt64(index) >> bits
    guard exponent > 0 else { return UInt64(index) }
    return (1 << bits | UInt64(index) & (1 << bits - 1)) << (exponent - 1)
  }

  /// Counts a value.
  @inline(__always)
  mutating func add(_ value: UInt64) {
    counts[Self.index(value)] &+= 1
    count &+= 1
    sum &+= value
    if value > maximum { maximum = value }
  }

  /// Adds all values of another histogram.
  mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
    sum &+= other.sum
    maximum = max(maximum, other.maximum)
  }

  /// The value that `share` of all do not exceed: the greatest of its class, and never more than the maximum.
  func percentile(_ share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for index in counts.indices {
      seen += counts[index]
      if seen >= rank { return min(maximum, Self.lowerBound(index + 1) - 1) }
    }
    return maximum
  }
}
