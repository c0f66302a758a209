// Time, as coarse as deadlines need it.

import Testing

@testable import SSMPTransport

@Suite("Ticks")
struct TicksTests {
  @Test("The time since an earlier moment is the difference, across the wrap-around, too")
  func since() {
    #expect(Ticks(100).since(Ticks(30)) == 70)
    #expect(Ticks(100).since(Ticks(100)) == 0)
    #expect(Ticks(5).since(Ticks(.max - 4)) == 10)
    #expect(Ticks((1 << 31) - 1).since(Ticks(0)) == (1 << 31) - 1)
  }

  @Test("The time since a later moment is 0, across the wrap-around, too")
  func future() {
    #expect(Ticks(30).since(Ticks(100)) == 0)
    #expect(Ticks(.max).since(Ticks(5)) == 0)
  }

  @Test("A moment before another is so long before it", arguments: [0, 1, 1000, UInt32.max] as [UInt32])
  func before(now: UInt32) {
    let moment = Ticks(now)
    #expect(moment.since(moment.before(1500)) == 1500)
    #expect(moment.before(0) == moment)
  }

  @Test("The clock does not go back")
  func now() {
    let first = Ticks.now()
    let second = Ticks.now()
    #expect(second.since(first) < 60_000)
    #expect(first == second || first.since(second) == 0)
  }
}
