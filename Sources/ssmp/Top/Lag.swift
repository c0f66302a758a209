// Quantiles of a histogram.

/// The lag of event loops: how long their turns have taken between two looks at the histogram.
enum Lag {
  /// The time that a share of the turns did not exceed; `nil` if there were none.
  ///
  /// - Parameters:
  ///   - share: 0.99, for example.
  ///   - before: the cumulative buckets at the first look.
  ///   - after: the same at the second.
  static func quantile(
    _ share: Double, from before: [(bound: Double, count: Double)], to after: [(bound: Double, count: Double)]
  ) -> Double? {
    guard before.count == after.count, !after.isEmpty else { return nil }
    let counts = after.indices.map { max(0, after[$0].count - before[$0].count) }
    guard let total = counts.last, total > 0 else { return nil }
    let rank = share * total
    guard let index = counts.firstIndex(where: { $0 >= rank }) else { return nil }
    let lower = index > 0 ? after[index - 1].bound : 0
    // Longer than the last bound: that is all that is known.
    guard after[index].bound.isFinite else { return lower }
    let below = index > 0 ? counts[index - 1] : 0
    let inside = counts[index] - below
    return inside > 0 ? lower + (after[index].bound - lower) * (rank - below) / inside : after[index].bound
  }
}
