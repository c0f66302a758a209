// Whether all loops live, and when a status is worth sending.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Roll call")
struct RollCallTests {
  /// True when a complete call has been signaled since this was asked last.
  private func isSignaled(_ roll: RollCall, _ poller: borrowing Poller) -> Bool {
    guard poller.wait(milliseconds: 0) > 0 else { return false }
    roll.completed.clear()
    return true
  }

  @Test("A call is complete when every loop has answered it, and the last one to answer says so")
  func complete() throws {
    let roll = try RollCall(loops: 3)
    let poller = try Poller()
    try poller.addLevelTriggered(roll.completed.descriptor, token: 0)
    for loop in [2, 0] { roll.answer(roll.current, loop: loop) }
    #expect(!roll.isComplete && !isSignaled(roll, poller))
    roll.answer(roll.current, loop: 1)
    #expect(roll.isComplete && isSignaled(roll, poller))
  }

  @Test("Answers to a call say nothing of the next one")
  func next() throws {
    let roll = try RollCall(loops: 2)
    for loop in 0..<2 { roll.answer(roll.current, loop: loop) }
    roll.next()
    #expect(!roll.isComplete)
    roll.answer(roll.current, loop: 0)
    roll.answer(roll.current, loop: 0)
    #expect(!roll.isComplete)
    roll.answer(roll.current, loop: 1)
    #expect(roll.isComplete)
  }

  @Test("A loop that has ended in good order is not missed")
  func retired() throws {
    let roll = try RollCall(loops: 2)
    roll.retire(loop: 0)
    #expect(!roll.isComplete)
    for _ in 0..<3 {
      roll.answer(roll.current, loop: 1)
      #expect(roll.isComplete)
      roll.next()
    }
  }

  @Test("The counts are those of the last answer that had some")
  func counts() throws {
    let roll = try RollCall(loops: 2)
    roll.answer(1, loop: 0, counts: .init(clients: 5, topics: 2))
    roll.answer(1, loop: 1)
    #expect(roll.counts == .init(clients: 5, topics: 2))
  }

  @Test("A status is sent at once, then only when it has changed, and not more often than every few seconds")
  func status() {
    var status = StatusLine()
    #expect(status.next("a", now: Ticks(1000)) == "a")
    #expect(status.next("a", now: Ticks(1_000_000)) == nil)
    #expect(status.next("b", now: Ticks(1_000_000)) == "b")
    #expect(status.next("c", now: Ticks(1_001_000)) == nil)
    #expect(status.next("c", now: Ticks(1_000_000 + Tuning.statusInterval)) == "c")
    // A month later, when the clock has gone so far that it could be taken for earlier.
    #expect(status.next("d", now: Ticks(1_000_000 + 31 * 86_400_000)) == "d")
  }
}
