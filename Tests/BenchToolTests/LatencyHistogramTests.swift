// Percentiles.

import Testing

@testable import BenchTool

@Suite("Latency histogram")
struct LatencyHistogramTests {
  @Test("Classes lie side by side, and a value is known to 1.6 %")
  func classes() {
    for index in 0..<2600 {
      let bound = LatencyHistogram.lowerBound(index)
      #expect(LatencyHistogram.index(bound) == index)
      #expect(LatencyHistogram.index(LatencyHistogram.lowerBound(index + 1) - 1) == index)
      #expect(Double(LatencyHistogram.lowerBound(index + 1) - bound) <= max(1, Double(bound) / 64))
    }
    #expect(LatencyHistogram.index(.max) < LatencyHistogram().counts.count)
  }

  @Test("Percentiles of 1 to 100,000 are right to the width of a class; the maximum is exact")
  func percentiles() {
    var histogram = LatencyHistogram()
    for value in 1...100_000 { histogram.add(UInt64(value)) }
    for (share, value) in [(0.5, 50_000.0), (0.9, 90_000), (0.99, 99_000), (0.999, 99_900)] {
      let found = Double(histogram.percentile(share))
      #expect(found >= value && found <= value * 1.016)
    }
    #expect(histogram.percentile(1) == 100_000)
    #expect(histogram.maximum == 100_000)
  }

  @Test("One outlier in a thousand shows in p99.9 only when it is more than that")
  func outliers() {
    var histogram = LatencyHistogram()
    for _ in 0..<999 { histogram.add(10) }
    histogram.add(1_000_000)
    #expect(histogram.percentile(0.999) == 10)
    histogram.add(1_000_000)
    #expect(histogram.percentile(0.999) == 1_000_000)
  }

  @Test("Histograms of several loops add up; an empty one has zeros")
  func adds() {
    var (one, other) = (LatencyHistogram(), LatencyHistogram())
    #expect(one.percentile(0.99) == 0)
    one.add(5)
    other.add(7)
    one.add(other)
    #expect(one.count == 2 && one.maximum == 7 && one.percentile(0.5) == 5)
  }
}
