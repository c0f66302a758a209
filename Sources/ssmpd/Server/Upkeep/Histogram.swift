// How long things take.

/// Counts of durations, by how long they were. A plain value; the bounds are the same for all.
struct Histogram: Sendable {
  /// The upper bounds, in microseconds. What is longer than all is in the last count.
  static let bounds: [UInt64] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
  ]

  private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// The sum of all durations, in nanoseconds.
  private(set) var nanoseconds: UInt64 = 0

  /// The number of durations.
  var count: UInt64 { counts.indices.reduce(0) { $0 + counts[$1] } }

  /// Counts a duration. Most are short, so the search is.
  mutating func observe(nanoseconds duration: UInt64) {
    nanoseconds += duration
    var place = 0
    while place < Self.bounds.count, duration > Self.bounds[place] * 1000 { place += 1 }
    counts[place] += 1
  }

  static func += (sum: inout Histogram, other: Histogram) {
    sum.nanoseconds += other.nanoseconds
    for place in sum.counts.indices { sum.counts[place] += other.counts[place] }
  }
}
