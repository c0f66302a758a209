// Numbers with units.

import Testing

@testable import CommandLineTools

@Suite("Units")
struct UnitsTests {
  @Test(
    "A time is a number with ms, s, m, h or d, and without a unit it is in seconds",
    arguments: [
      ("0", 0), ("10", 10_000), ("1ms", 1), ("500ms", 500), ("10s", 10_000), ("2m", 120_000), ("3h", 10_800_000),
      ("7d", 604_800_000), ("007s", 7000),
    ] as [(String, UInt64)])
  func times(text: String, milliseconds: UInt64) {
    #expect(Units.milliseconds(text) == milliseconds)
  }

  @Test(
    "What is no time is none: signs, spaces, fractions, other units, other digits, and what is too large",
    arguments: [
      "", "s", "ms", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5s", "1,5s", "10S", "10sec", "1ms2", "٣s", "1e3",
      "99999999999999999999", "9223372036854775807d",
    ])
  func noTimes(text: String) {
    #expect(Units.milliseconds(text) == nil)
  }

  @Test(
    "A size is a number with KiB, MiB, GiB or B, and without a unit it is in bytes",
    arguments: [
      ("0", 0), ("100", 100), ("100B", 100), ("64KiB", 65536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648),
    ])
  func sizes(text: String, bytes: Int) {
    #expect(Units.bytes(text) == bytes)
  }

  @Test(
    "What is no size is none",
    arguments: ["", "B", "KiB", "1KB", "1K", "1kib", "-1", "+1MiB", "1 MiB", "1.5MiB", "9223372036854775807GiB"])
  func noSizes(text: String) {
    #expect(Units.bytes(text) == nil)
  }

  @Test("A time that is described is read back as the same", arguments: [1, 999, 1000, 1001, 10_000, 604_800_000])
  func timesRoundTrip(milliseconds: UInt32) {
    #expect(Units.milliseconds(Units.describe(milliseconds: milliseconds)) == UInt64(milliseconds))
  }

  @Test("A size that is described is read back as the same", arguments: [0, 1, 1000, 1024, 1536, 1 << 20, 3 << 30])
  func sizesRoundTrip(bytes: Int) {
    #expect(Units.bytes(Units.describe(bytes: bytes)) == bytes)
  }

  @Test("A description uses the largest unit without a remainder")
  func descriptions() {
    #expect(Units.describe(milliseconds: 10_000) == "10s")
    #expect(Units.describe(milliseconds: 150) == "150ms")
    #expect(Units.describe(bytes: 1 << 20) == "1MiB")
    #expect(Units.describe(bytes: 1 << 30) == "1GiB")
    #expect(Units.describe(bytes: 96 << 10) == "96KiB")
    #expect(Units.describe(bytes: 1000) == "1000")
  }

  @Test(
    "Another spelling of a unit is seen through, and so are blanks before it",
    arguments: [
      ("10 sec", "10s"), ("2min", "2m"), ("5 Hours", "5h"), ("007msec", "7ms"), ("1day", "1d"), ("10", nil),
      ("sec", nil),
      ("1.5 sec", nil), ("-1 sec", nil), (String(repeating: "1", count: 40) + "sec", nil),
    ] as [(String, String?)])
  func timesMeant(text: String, meant: String?) {
    #expect(Units.timeMeant(by: text) == meant)
  }

  @Test(
    "The same goes for sizes",
    arguments: [("1M", "1MiB"), ("512 kb", "512KiB"), ("2g", "2GiB"), ("3 bytes", "3B"), ("1T", nil)]
      as [(String, String?)])
  func sizesMeant(text: String, meant: String?) {
    #expect(Units.sizeMeant(by: text) == meant)
  }
}
