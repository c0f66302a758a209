// The clock of a loop that comes late.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Lateness")
struct LatenessTests {
  /// Reads the clock, and expects this time and this delay.
  private func expect(
    _ lateness: inout Lateness, at reading: UInt32, _ now: UInt32, late: UInt32? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let result = lateness.read(Ticks(reading))
    #expect(result.now == Ticks(now), sourceLocation: sourceLocation)
    #expect(result.late == late, sourceLocation: sourceLocation)
  }

  @Test("A wait as long as meant, or cut short, and small delays are time")
  func onTime() {
    var lateness = Lateness(Ticks(100))
    lateness.noteWait(5000)
    expect(&lateness, at: 5100, 5100)
    lateness.noteWait(5000)
    expect(&lateness, at: 5200, 5200)
    lateness.noteWait(100)
    expect(&lateness, at: 6299, 6299)
    expect(&lateness, at: 7298, 7298)
    lateness.noteWait(nil)
    expect(&lateness, at: 1_000_000, 1_000_000)
  }

  @Test("What a wait was too long, or a turn without one, is no time, now and later, and everybody has one more second")
  func late() {
    var lateness = Lateness(Ticks(0))
    lateness.noteWait(2000)
    expect(&lateness, at: 5000, 1000, late: 3000)
    expect(&lateness, at: 5010, 1010)
    expect(&lateness, at: 7010, 1010, late: 2000)
    lateness.noteWait(100)
    expect(&lateness, at: 7110, 1110)
  }

  @Test("The clock may begin anew meanwhile")
  func wrap() {
    var lateness = Lateness(Ticks(.max - 999))
    lateness.noteWait(500)
    expect(&lateness, at: 1000, .max - 999, late: 1500)
    expect(&lateness, at: 1100, .max - 899)
  }
}
