// The text in which metrics are read.

import Testing

@testable import ssmpd

@Suite("Metrics text")
struct MetricsTextTests {
  @Test("A family has its help, its type, and its samples with their labels")
  func family() {
    var page = MetricsText()
    page.family("a_total", .counter, "Things.")
    page.sample(3)
    page.sample(UInt64.max, ["x": "1", "y": "b"])
    page.family("b", .gauge, "Other things.")
    page.sample(-4)
    page.sample(true, ["x": ""])
    #expect(
      page.text == """
        # HELP a_total Things.
        # TYPE a_total counter
        a_total 3
        a_total{x="1",y="b"} 18446744073709551615
        # HELP b Other things.
        # TYPE b gauge
        b -4
        b{x=""} 1

        """)
  }

  @Test("Backslashes, line ends and quotes are escaped as the format wants it")
  func escapes() {
    var page = MetricsText()
    page.family("a", .gauge, "a\\b\n\"c\"")
    page.sample(1, ["x": "a\\b\r\n\"c\""])
    #expect(page.text == "# HELP a a\\\\b\\n\"c\"\n# TYPE a gauge\na{x=\"a\\\\b\r\\n\\\"c\\\"\"} 1\n")
  }

  @Test("Seconds are exact decimal numbers")
  func seconds() {
    #expect(MetricsText.seconds(nanoseconds: 0) == "0")
    #expect(MetricsText.seconds(nanoseconds: 1) == "0.000000001")
    #expect(MetricsText.seconds(nanoseconds: 1_500_000_000) == "1.5")
    #expect(MetricsText.seconds(nanoseconds: 100_000) == "0.0001")
    #expect(MetricsText.seconds(nanoseconds: 2_000_000_000) == "2")
    #expect(MetricsText.seconds(nanoseconds: .max) == "18446744073.709551615")
  }

  @Test("A histogram is cumulative, ends at infinity, and has the sum and the count of all")
  func histogram() {
    var histogram = Histogram()
    for duration in [1, 100_000, 100_001, 3_000_000, 99_000_000_000] as [UInt64] {
      histogram.observe(nanoseconds: duration)
    }
    var page = MetricsText()
    page.family("a", .histogram, "Times.")
    page.sample(histogram, ["loop": "1"])
    let lines = page.text.split(separator: "\n").dropFirst(2).map(String.init)
    #expect(lines.first == "a_bucket{loop=\"1\",le=\"0.0001\"} 2")
    #expect(lines[1] == "a_bucket{loop=\"1\",le=\"0.00025\"} 3")
    #expect(lines.contains("a_bucket{loop=\"1\",le=\"0.0025\"} 3"))
    #expect(lines.contains("a_bucket{loop=\"1\",le=\"0.005\"} 4"))
    #expect(lines.contains("a_bucket{loop=\"1\",le=\"10\"} 4"))
    #expect(lines.contains("a_bucket{loop=\"1\",le=\"+Inf\"} 5"))
    #expect(lines.suffix(2) == ["a_sum{loop=\"1\"} 99.003200002", "a_count{loop=\"1\"} 5"])
    #expect(lines.count == Histogram.bounds.count + 3)
  }

  @Test("The same page as JSON has numbers, labels beside values, and histograms with their buckets")
  func json() {
    var histogram = Histogram()
    histogram.observe(nanoseconds: 1_500_000_000)
    var page = MetricsText()
    page.family("a_total", .counter, "Things.")
    page.sample(3)
    page.family("b", .gauge, "Other \"things\".")
    page.sample(-4, ["x": "a\\b\n\"c\""])
    page.sample(true, ["x": ""])
    page.family("c", .gauge, "Nothing.")
    page.family("d", .histogram, "Times.")
    page.sample(histogram)
    let start =
      #"{"a_total":3,"b":[{"x":"a\\b\n\"c\"","value":-4},{"x":"","value":1}],"c":[],"d":{"sum":1.5,"count":1,"#
    #expect(page.json.hasPrefix(start + #""buckets":{"0.0001":0,"#))
    #expect(page.json.hasSuffix(#""+Inf":1}}}"#))
  }

  @Test("Histograms add up, and count what they hold")
  func sum() {
    var one = Histogram()
    one.observe(nanoseconds: 5)
    var other = Histogram()
    other.observe(nanoseconds: 7)
    other.observe(nanoseconds: 20_000_000_000)
    one += other
    #expect(one.count == 3 && one.nanoseconds == 20_000_000_012)
    #expect(one.counts[0] == 2 && one.counts[15] == 1)
  }

  @Test("The facts of the process are those of this one")
  func process() {
    let facts = ProcessFacts()
    #expect(facts.residentBytes > 1 << 20 && facts.residentBytes < 1 << 40)
    #expect(facts.virtualBytes > facts.residentBytes)
    #expect(facts.descriptors >= 3)
    #expect(facts.cpu.count > 0)
  }
}
