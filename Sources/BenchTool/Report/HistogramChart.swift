// A histogram in a few lines.

import CommandLineTools

/// Bars for classes of times that double.
struct HistogramChart {
  private static let width = 40
  let lines: [String]

  init(_ histogram: LatencyHistogram) {
    var bars: [(from: UInt64, count: UInt64)] = []
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      let bound = LatencyHistogram.lowerBound(index)
      let from: UInt64 = bound == 0 ? 0 : 1 << UInt64(63 - bound.leadingZeroBitCount)
      if bars.last?.from == from { bars[bars.count - 1].count += count } else { bars.append((from, count)) }
    }
    let most = max(1, bars.map(\.count).max() ?? 1)
    let shown = bars.filter { Double($0.count) >= Double(histogram.count) / 10_000 }
    lines = shown.map { bar in
      let length = Int((Double(bar.count) / Double(most) * Double(Self.width)).rounded(.up))
      let label = "≥ " + Format.time(nanoseconds: bar.from)
      let share = Format.fixed(Double(bar.count) * 100 / Double(histogram.count), 2)
      let padding = String(repeating: " ", count: max(1, 14 - label.count))
      return "  " + String(repeating: " ", count: 12) + label + padding
        + String(repeating: "▇", count: length) + String(repeating: " ", count: Self.width - length) + " \(share) %"
    }
  }
}
