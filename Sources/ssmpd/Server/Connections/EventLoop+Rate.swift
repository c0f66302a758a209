// Connections that make more requests than they may (--max-rate).

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Leaves as many requests in the batch as the connection may make now; false when that is none.
  mutating func limitBatch(_ slot: UInt32) -> Bool {
    let available = connections[slot].rate.available(settings.maxRate, now: now)
    guard available > 0 else { return false }
    intake.batch.truncate(to: available)
    return true
  }

  /// Keeps what a connection has sent ahead, and does not read from it for a while. Nothing is lost, and what it sends
  /// meanwhile waits in the kernel.
  mutating func pause(_ slot: UInt32, from place: Int) {
    connections[slot].flags.insert(.paused)
    keep(slot, from: place)
    deadlines.pause.set(slot, 0, since: now)
    counters.throttled += 1
    guard let count = notices.pauses.occur(now: now) else { return oweLines() }
    hub.log.write(.info, "throttle id=\(identifier(slot)) peer=\(peer(slot)) count=\(count)")
  }

  /// A pause is over: what was kept is served, as after being held back.
  mutating func endPause(_ slot: UInt32) {
    guard connections[slot].state == .open, connections[slot].flags.contains(.paused) else { return }
    connections[slot].flags.remove(.paused)
    connections[slot].flags.insert(.held)
    resume(slot)
  }
}
