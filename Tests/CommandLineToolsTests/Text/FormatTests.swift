// Figures as a report shows them.

import Testing

@testable import CommandLineTools

@Suite("Format")
struct FormatTests {
  @Test("Numbers and times")
  func numbers() {
    #expect(Format.fixed(0.005, 3) == "0.005" && Format.fixed(-1.25, 1) == "-1.3" && Format.fixed(12.5, 0) == "13")
    #expect(Format.number(1_234_567) == "1,234,567" && Format.number(-1234) == "-1,234" && Format.number(999) == "999")
    #expect(Format.time(nanoseconds: 1500) == "1.50 µs" && Format.time(nanoseconds: 250_000) == "250 µs")
    #expect(Format.time(nanoseconds: 3_250_000) == "3.25 ms" && Format.time(nanoseconds: 2_000_000_000) == "2.00 s")
  }
}
