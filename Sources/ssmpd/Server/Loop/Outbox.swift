// What a loop has to send.

import Containers
import SSMPCore
import SSMPTransport

/// The logs that a loop works off, the output that comes of them, and what else they ask the loop to do.
struct Outbox: ~Copyable {
  /// The logs that are being worked off.
  var logs = LiveLogs()
  var stage = OutputStage()
  /// Connections that end when what is staged for a few has been sent.
  var ending = FlatArray<UInt32>()
  /// Connections that the registry lets go on.
  var resuming = FlatArray<UInt32>()
  /// Connections with an initial batch of presence that has more.
  var continuing = FlatArray<UInt32>()
  /// Other loops to be woken.
  var wakes: UInt64 = 0
  /// True when the log holds so much that it is sent before more is read: memory stays small, and buffers stay in the cache.
  private(set) var hasMuch = false
  /// True when departures have to go on.
  private(set) var hasDepartures = false
  /// True when another loop has to work off its log before they can.
  var isObstructed = false
  /// True when the registry knows that this loop still sends what a log before had for many.
  private(set) var isKnownBusy = false
  /// Whether the registry's log of this loop has to be taken before the loop may sleep.
  private var duty = TakeDuty()

  /// True when the log has to be taken: something is in it, or may be; or the registry has to know that this loop is no longer
  /// busy.
  var mustTake: Bool { duty.isDue || isKnownBusy && !stage.hasOthers }

  /// True when there is something to deliver.
  var hasWork: Bool { mustTake || stage.hasOthers || !resuming.isEmpty }

  /// The loop is about to take its log. Returns whether it is still busy with what a log before had for many.
  mutating func beginTake() -> Bool {
    isKnownBusy = stage.hasOthers
    isObstructed = false
    duty.taken()
    return isKnownBusy
  }

  /// Another loop has woken this one.
  mutating func noteWake() {
    duty.woken()
  }

  /// Remembers what a step of the registry has left: loops to wake, what is in this loop's own log, and departures.
  @inline(__always)
  mutating func note(_ outlook: Outlook) {
    wakes |= outlook.woken
    duty.noted(isEmpty: outlook.staged == 0)
    hasMuch = outlook.isLarge
    hasDepartures = outlook.hasDepartures
  }

  /// The loops that have to be woken now.
  mutating func takeWakes() -> UInt64 {
    defer { wakes = 0 }
    return wakes
  }
}
