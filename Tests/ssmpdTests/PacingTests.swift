// Rests of a loop between turns, in simulated time.

import Testing

@testable import ssmpd

@Suite("Pacing")
struct PacingTests {
  @Test("A loop with time to spare rests for a quarter of a turn that has sent to many")
  func rests() {
    var pacing = Pacing()
    pacing.noteTurn(idle: 1_000_000, busy: 400_000, sends: 100)
    #expect(pacing.rest == 100_000)
    // It is the last turn that counts.
    pacing.noteTurn(idle: 1_000_000, busy: 200_000, sends: 16)
    #expect(pacing.rest == 50_000)
  }

  @Test("Nobody waits behind a rest who is alone, or nearly so: a few sends, or a short turn, are followed by none")
  func fewSends() {
    var pacing = Pacing()
    #expect(pacing.rest == 0)
    pacing.noteTurn(idle: 1_000_000, busy: 400_000, sends: 15)
    #expect(pacing.rest == 0)
    pacing.noteTurn(idle: 1_000_000, busy: 8_000, sends: 16)
    #expect(pacing.rest == 0)
    pacing.noteTurn(idle: 1_000_000, busy: 0, sends: 0)
    #expect(pacing.rest == 0)
  }

  @Test("No rest is longer than a millisecond, however long a turn or idle time was")
  func longTurns() {
    var pacing = Pacing()
    pacing.noteTurn(idle: .max / 2, busy: .max / 2, sends: 1000)
    #expect(pacing.rest == 1_000_000)
    pacing.noteTurn(idle: .max, busy: .max, sends: 1000)
    #expect(pacing.rest == 1_000_000)
  }

  @Test("A loop that has work all the time stops resting, though its rests were idle time")
  func saturated() {
    var pacing = Pacing()
    for _ in 0..<100 { pacing.noteTurn(idle: 10_000_000, busy: 400_000, sends: 100) }
    #expect(pacing.rest == 100_000)
    var rests = 0
    while pacing.rest > 0, rests < 1000 {
      // Nothing but the rest lies between two turns.
      pacing.noteTurn(idle: pacing.rest, busy: 400_000, sends: 100)
      rests += 1
    }
    #expect(pacing.rest == 0)
    #expect(rests < 60, "\(rests)")
    for _ in 0..<100 { pacing.noteTurn(idle: 1_000, busy: 400_000, sends: 100) }
    #expect(pacing.rest == 0)
  }

  @Test("The less time there is to spare, the shorter the rests; and they come back with it")
  func proportional() {
    func rest(idle: UInt64) -> UInt64 {
      var pacing = Pacing()
      for _ in 0..<100 { pacing.noteTurn(idle: idle, busy: 160_000, sends: 100) }
      return pacing.rest
    }
    #expect(rest(idle: 5_000) == 0)
    #expect(rest(idle: 25_000) == 10_000)
    #expect(rest(idle: 40_000) == 20_000)
    #expect(rest(idle: 75_000) == 40_000)
    #expect(rest(idle: 10_000_000) == 40_000)
  }
}
