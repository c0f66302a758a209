// Peers that are gone.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// The peer has hung up, or the connection is broken, whatever the connection is doing at present: being read from, or
  /// held back, paused, throttled by its own backlog, or ending.
  ///
  /// Nothing more is sent. What the peer had sent before is still served, since the kernel has it; a connection that may go
  /// on ends by being read to its end, and any other one when `Tuning.lingerTime` has passed.
  mutating func noteHangUp(_ slot: UInt32) {
    switch connections[slot].state {
    case .open:
      // A handshake finds out by its next step, and has a deadline in any case.
      guard connections[slot].flags.isDisjoint(with: [.hungUp, .handshaking]) else { return }
      connections[slot].flags.insert([.hungUp, .readable, .readOut])
      dropOutput(slot)
      deadlines.liveness.set(slot, Deadlines.linger, since: now)
      enqueue(slot)
    case .ending: close(slot)
    // It is read to its end as ever.
    case .lingering, .closed: break
    }
  }

  /// A send has failed.
  ///
  /// - Parameter code: what was in `errno`; 0 where TLS itself has failed, behind which nothing can be read either.
  mutating func noteFailedSend(_ slot: UInt32, _ code: Int32) {
    guard code != 0 else { return abort(slot, .connectionLost) }
    if connections[slot].state == .open { connections[slot].flags.insert(.lost) }
    noteHangUp(slot)
  }

  /// Forgets what is to be sent. Senders that are held for this connection resume.
  private mutating func dropOutput(_ slot: UInt32) {
    account(-connections[slot].backlog.capacity)
    connections[slot].backlog.release()
    deadlines.writing.clear(slot)
    if !connections[slot].flags.isDisjoint(with: [.congested, .slow]) {
      forgetCongestion(slot)
      perform(slot) { $0.setCongestion($1, .none) }
    }
    connections[slot].flags.remove(.roster)
  }

  /// Goes on with a connection that has hung up, and that the registry has let go on: its own output, which it was to take
  /// first, is gone.
  mutating func resumeHungUp(_ slot: UInt32) {
    connections[slot].flags.remove(.resumeDrained)
    resume(slot)
  }

  /// True if a client has ended its side, and the server does not read up to that end: because the
  /// connection is held or paused, and not because of its own pending output. The client cannot
  /// answer a PING any more, and gets as much time as a client that does not answer.
  func isStranded(_ slot: UInt32) -> Bool {
    let flags = connections[slot].flags
    return flags.contains(.halfClosed) && !flags.isDisjoint(with: [.held, .paused]) && !isThrottled(slot)
  }
}
