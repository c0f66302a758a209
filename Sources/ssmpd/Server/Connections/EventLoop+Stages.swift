// The end of connections, for counts and for taps.

import SSMPCore

extension EventLoop {
  /// A connection that was open is ending: it is still there until its descriptor is closed.
  mutating func noteEnding(_ slot: UInt32, _ reason: CloseReason) {
    counters.measures.move(from: connections[slot].stage, to: .closing)
    noteReason(slot, reason)
  }

  /// Remembers why a connection ends, for operators that tap it.
  mutating func noteReason(_ slot: UInt32, _ reason: CloseReason) {
    if connections[slot].flags.contains(.tapped) { taps.reasons[slot] = reason }
  }
}
