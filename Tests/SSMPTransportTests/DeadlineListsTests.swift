// Deadlines in constant time.

import FuzzHarness
import Testing

@testable import SSMPTransport

@Suite("Deadline lists")
struct DeadlineListsTests {
  @Test("The first slot that was set is the first to expire, and stays until it is cleared")
  func order() {
    var lists = DeadlineLists(kinds: 1)
    lists.set(7, 0, since: Ticks(100))
    lists.set(3, 0, since: Ticks(110))
    #expect(lists.expired(0, after: 50, now: Ticks(149)) == nil)
    #expect(lists.remaining(0, after: 50, now: Ticks(149)) == 1)
    #expect(lists.expired(0, after: 50, now: Ticks(150)) == 7)
    #expect(lists.expired(0, after: 50, now: Ticks(150)) == 7)
    #expect(lists.remaining(0, after: 50, now: Ticks(150)) == 0)
    lists.clear(7)
    #expect(lists.expired(0, after: 50, now: Ticks(150)) == nil)
    #expect(lists.remaining(0, after: 50, now: Ticks(150)) == 10)
    lists.clear(3)
    #expect(lists.remaining(0, after: 50, now: Ticks(150)) == nil)
  }

  @Test("Setting a slot anew moves it to the end, and to another kind's list takes it out of the first")
  func setAnew() {
    var lists = DeadlineLists(kinds: 2)
    lists.set(1, 0, since: Ticks(0))
    lists.set(2, 0, since: Ticks(10))
    lists.set(1, 0, since: Ticks(20))
    #expect(lists.expired(0, after: 5, now: Ticks(100)) == 2)
    lists.set(2, 1, since: Ticks(30))
    #expect(lists.kind(of: 2) == 1)
    #expect(lists.expired(0, after: 5, now: Ticks(100)) == 1)
    #expect(lists.expired(1, after: 5, now: Ticks(100)) == 2)
  }

  @Test("A time-out may change at any moment, since only beginnings are kept")
  func changedTimeout() {
    var lists = DeadlineLists(kinds: 1)
    lists.set(0, 0, since: Ticks(0))
    #expect(lists.expired(0, after: 100, now: Ticks(50)) == nil)
    #expect(lists.expired(0, after: 40, now: Ticks(50)) == 0)
  }

  @Test("A touch within the resolution changes nothing; one after it, or from another kind, begins anew")
  func touch() {
    var lists = DeadlineLists(kinds: 2)
    lists.set(0, 0, since: Ticks(100))
    lists.touch(0, 0, now: Ticks(109), resolution: 10)
    #expect(lists.remaining(0, after: 100, now: Ticks(109)) == 91)
    lists.touch(0, 0, now: Ticks(110), resolution: 10)
    #expect(lists.remaining(0, after: 100, now: Ticks(110)) == 100)
    lists.touch(0, 1, now: Ticks(111), resolution: 10)
    #expect(lists.kind(of: 0) == 1)
    #expect(lists.remaining(0, after: 100, now: Ticks(111)) == nil)
    #expect(lists.remaining(1, after: 100, now: Ticks(111)) == 100)
  }

  @Test("Deadlines pass in order when the clock begins anew")
  func wrapAround() {
    var lists = DeadlineLists(kinds: 1)
    lists.set(0, 0, since: Ticks(.max - 10))
    lists.set(1, 0, since: Ticks(5))
    #expect(lists.expired(0, after: 20, now: Ticks(8)) == nil)
    #expect(lists.remaining(0, after: 20, now: Ticks(8)) == 1)
    #expect(lists.expired(0, after: 20, now: Ticks(9)) == 0)
    lists.clear(0)
    #expect(lists.remaining(0, after: 20, now: Ticks(9)) == 16)
  }

  @Test("Clearing a slot that is in no list, or was never heard of, changes nothing")
  func clearNothing() {
    var lists = DeadlineLists(kinds: 1)
    lists.clear(1_000_000)
    #expect(lists.kind(of: 1_000_000) == nil)
    lists.set(1, 0, since: Ticks(0))
    lists.clear(0)
    #expect(lists.kind(of: 1) == 0)
  }

  /// The same by sorting: obviously right, and slow.
  private struct Model {
    var entries: [(slot: UInt32, kind: UInt8, since: Ticks)] = []

    mutating func clear(_ slot: UInt32) { entries.removeAll { $0.slot == slot } }

    mutating func set(_ slot: UInt32, _ kind: UInt8, _ since: Ticks) {
      clear(slot)
      entries.append((slot, kind, since))
    }

    func first(_ kind: UInt8) -> (slot: UInt32, kind: UInt8, since: Ticks)? { entries.first { $0.kind == kind } }
  }

  @Test("Random operations leave the lists as a naive model has them, across a wrap-around", arguments: 1...5)
  func model(seed: UInt64) {
    var random = Chance(seed: seed)
    var lists = DeadlineLists(kinds: 3)
    var model = Model()
    var now = Ticks(UInt32.max - 20_000)
    for _ in 0..<20_000 {
      now = Ticks(now.milliseconds &+ UInt32.random(in: 0...3, using: &random))
      let slot = UInt32.random(in: 0..<40, using: &random) * 97
      let kind = UInt8.random(in: 0..<3, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        lists.set(slot, kind, since: now)
        model.set(slot, kind, now)
      case 2:
        guard let entry = model.entries.first(where: { $0.slot == slot }) else { break }
        lists.touch(slot, kind, now: now, resolution: 8)
        if entry.kind != kind || now.since(entry.since) >= 8 { model.set(slot, kind, now) }
      default:
        lists.clear(slot)
        model.clear(slot)
      }
      #expect(lists.kind(of: slot) == model.entries.first { $0.slot == slot }?.kind)
      let first = model.first(kind)
      let passed = first.map { now.since($0.since) }
      #expect(lists.expired(kind, after: 30, now: now) == (passed.map { $0 >= 30 } == true ? first?.slot : nil))
      #expect(lists.remaining(kind, after: 30, now: now) == passed.map { $0 >= 30 ? 0 : 30 - $0 })
    }
    #expect(now.milliseconds < 1 << 31, "the clock has begun anew")
  }
}
