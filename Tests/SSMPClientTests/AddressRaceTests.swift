// Which addresses are connected to, and when.

import Testing

@testable import SSMPClient

@Suite("Address race (RFC 8305)")
struct AddressRaceTests {
  private static let ms: UInt64 = 1_000_000

  private func race(_ addresses: [String]) -> AddressRace<String> {
    AddressRace(addresses) { $0.hasPrefix("4") }
  }

  @Test("The families take turns, and each attempt waits for 250 ms")
  func turns() {
    var race = race(["6a", "6b", "6c", "4a", "4b"])
    #expect(race.next(now: 0) == "6a")
    #expect(race.next(now: 249 * Self.ms) == nil)
    #expect(race.deadline == 250 * Self.ms)
    #expect(race.next(now: 250 * Self.ms) == "4a")
    #expect(race.next(now: 500 * Self.ms) == "6b")
    #expect(race.next(now: 750 * Self.ms) == "4b")
    #expect(race.next(now: 1000 * Self.ms) == "6c")
    #expect(race.next(now: 9000 * Self.ms) == nil && race.deadline == nil)
  }

  @Test("A failure begins the next attempt at once, and the last failure loses")
  func failures() {
    var race = race(["4a", "6a"])
    #expect(race.next(now: 0) == "4a")
    race.fail(now: 5 * Self.ms)
    #expect(!race.isLost)
    #expect(race.next(now: 5 * Self.ms) == "6a")
    race.fail(now: 6 * Self.ms)
    #expect(race.isLost)
  }

  @Test("Without addresses it is lost from the start")
  func empty() {
    var race = race([])
    #expect(race.isLost && race.next(now: 0) == nil)
  }
}
