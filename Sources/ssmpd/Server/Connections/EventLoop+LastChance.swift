// The last look at a connection before it is closed for being late.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Reads what the kernel holds of a client that is about to be closed for its silence, and has it served: where the server
  /// is late itself, the client may have said what it is waited for long ago.
  ///
  /// - Returns: true when the connection is not late any more, or has ended.
  mutating func hear(_ slot: UInt32, _ kind: UInt8) -> Bool {
    guard connections[slot].state == .open else { return false }
    if connections[slot].flags.contains(.handshaking) { shakeHands(slot) }
    if connections[slot].state == .open, !connections[slot].flags.contains(.handshaking) {
      connections[slot].flags.insert(.readable)
      read(slot)
    }
    // Its end may be in the log only, behind the last response.
    if connections[slot].state == .open, connections[slot].session.phase == .ended {
      deadlines.liveness.set(slot, Deadlines.linger, since: now)
    }
    if outbox.hasMuch {
      wakeOthers()
      workOff()
    }
    return deadlines.liveness.kind(of: slot) != kind
  }

  /// Sends what the kernel takes now of a connection's backlog: the poller may not have told of the room yet.
  mutating func retrySending(_ slot: UInt32) {
    if !connections[slot].backlog.isEmpty { flushBacklog(slot) }
  }

  /// Ends a connection that has had the time for its end, with what still can be done for it: what has come is read, since the
  /// kernel would otherwise reset the connection and destroy what the peer has not read.
  mutating func endLingering(_ slot: UInt32) {
    if connections[slot].state == .ending { retrySending(slot) }
    if connections[slot].state == .lingering { discard(slot) }
    // An open one has hung up, and what it had sent has not been served in time.
    if connections[slot].state == .open { return abort(slot, .connectionLost) }
    if connections[slot].state != .closed { close(slot) }
  }
}
