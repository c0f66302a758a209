// Moments as text.

import Testing

@testable import CommandLineTools

@Suite("Timestamp")
struct TimestampTests {
  @Test(
    "A moment is shown in UTC, to the millisecond",
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000Z"), (1_709_251_199, 999_999_999, "2024-02-29T23:59:59.999Z"),
      (1_795_767_300, 5_000_000, "2026-11-27T08:15:00.005Z"),
    ])
  func text(seconds: Int, nanoseconds: Int, text: String) {
    #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds).text == text)
  }

  @Test("The time of day is the same without the date, and always has thirteen characters")
  func timeOfDay() {
    #expect(Timestamp(seconds: 1_709_251_199).timeOfDay == "23:59:59.000Z")
    let now = Timestamp.now()
    #expect(now.text.count == 24 && now.timeOfDay.count == 13 && now.text.hasSuffix(now.timeOfDay))
  }
}
