// What a loop does now and then.

import SSMPTransport

/// When a loop is to look at what is not worth a deadline of its own: lines of the log that are owed, and memory that can
/// be given back. One moment for all of it; a loop that has nothing of the kind to do is not woken.
struct Chores {
  private var planned = Ticks(0)
  private var delay: UInt32?

  /// Asks for the chores to be done in so many milliseconds, or sooner where that is planned already.
  mutating func plan(in milliseconds: UInt32, now: Ticks) {
    if let remaining = remaining(now: now), remaining <= milliseconds { return }
    (planned, delay) = (now, milliseconds)
  }

  /// The milliseconds until they are due; `nil` when there are none.
  @inline(__always)
  func remaining(now: Ticks) -> UInt32? {
    guard let delay else { return nil }
    return delay - min(delay, now.since(planned))
  }

  /// True when there are none.
  var isEmpty: Bool { delay == nil }

  /// True when they are due; then they are planned no more.
  mutating func take(now: Ticks) -> Bool {
    guard remaining(now: now) == 0 else { return false }
    delay = nil
    return true
  }
}

extension EventLoop {
  /// Does what is due. To be called once a turn.
  @inline(__always)
  mutating func doChores() {
    if upkeep.chores.take(now: now) { doDueChores() }
  }

  @inline(never)
  private mutating func doDueChores() {
    writeOwedLines(isEnd: false)
    tendMemory()
  }
}
