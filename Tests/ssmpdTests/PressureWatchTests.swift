// For how long senders wait for memory.

import SSMPCore
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Pressure on memory")
struct PressureWatchTests {
  @Test("Output that nobody reads stops senders for four seconds, and again only after there was room")
  func bounded() {
    var watch = PressureWatch()
    #expect(watch.note(.none, now: Ticks(0)) == .none)
    #expect(watch.note(.output, now: Ticks(1000)) == .output)
    #expect(watch.note(.output, now: Ticks(4999)) == .output)
    #expect(watch.note(.output, now: Ticks(5000)) == .input)
    #expect(watch.note(.output, now: Ticks(60_000)) == .input)
    #expect(watch.note(.input, now: Ticks(60_001)) == .input)
    #expect(watch.note(.output, now: Ticks(60_002)) == .output)
    #expect(watch.note(.output, now: Ticks(64_002)) == .input)
  }
}
