// A loop's time.

import SSMPTransport

/// The time as a loop's deadlines see it, and what its turns take.
struct LoopClock {
  /// The time at which this turn began, or was looked at last. It stands still while the loop is kept from running.
  private(set) var now = Ticks.now()
  /// The connections without TLS that this turn has sent to. Where each byte is encrypted, the calls are not what costs.
  var sends = 0
  private var lateness = Lateness()
  /// Measures turns, and the time between them.
  private var watch = Stopwatch()
  private var pacing = Pacing()
  private var idle: UInt64 = 0

  /// Reads the clock. Returns the milliseconds by which the loop is late, if that is much.
  mutating func read() -> UInt32? {
    let (time, late) = lateness.read()
    now = time
    return late
  }

  /// How long, in nanoseconds, to rest before the next turn; 0 for not at all.
  var rest: UInt64 { pacing.rest }

  /// A wait for events is over, and the turn's work begins.
  ///
  /// - Parameter limit: the milliseconds for which it could have lasted; `nil` for ever.
  mutating func beginWork(waited limit: UInt32?) {
    lateness.noteWait(limit)
    idle = watch.lap()
    sends = 0
  }

  /// The turn is over. Returns how long its work took, in nanoseconds.
  mutating func endWork() -> UInt64 {
    let busy = watch.lap()
    pacing.noteTurn(idle: idle, busy: busy, sends: sends)
    return busy
  }
}
