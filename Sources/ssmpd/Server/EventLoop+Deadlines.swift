// What happens to connections that are late.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Acts on every deadline that has passed.
  mutating func expireDeadlines() {
    now = Ticks.now()
    while let slot = deadlines.congestion.expired(0, after: Tuning.congestionTime, now: now) {
      becomeSlow(slot)
    }
    while let slot = deadlines.writing.expired(0, after: settings.writeTimeout, now: now) {
      abort(slot, .writeTimeout)
    }
    // Closed without sending any response (Login).
    while let slot = deadlines.liveness.expired(Deadlines.login, after: settings.loginTimeout, now: now) {
      abort(slot, .loginTimeout)
    }
    while let slot = deadlines.liveness.expired(Deadlines.linger, after: Tuning.lingerTime, now: now) {
      // An open one has hung up, and what it had sent has not been served in time.
      if connections[slot].state == .open { abort(slot, .connectionLost) } else { close(slot) }
    }
    while let slot = deadlines.liveness.expired(Deadlines.pong, after: settings.pongTimeout, now: now) {
      // Who is not read from cannot be heard.
      if isStranded(slot) {
        finish(slot, .peerClosed)
        deadlines.liveness.set(slot, Deadlines.linger, since: now)
      } else if isUnread(slot) {
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
      } else {
        abort(slot, .pongTimeout)
      }
    }
    while let slot = deadlines.pause.expired(0, after: settings.ratePause, now: now) {
      deadlines.pause.clear(slot)
      endPause(slot)
    }
    pingIdle()
  }

  /// Sends PING to everybody who has not been heard for a while (Server-initiated).
  private mutating func pingIdle() {
    while let slot = deadlines.liveness.expired(Deadlines.ping, after: settings.pingInterval, now: now) {
      if isStranded(slot) {
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
      } else if isUnread(slot) {
        deadlines.liveness.set(slot, Deadlines.ping, since: now)
      } else {
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
        stage.add(Self.ping.utf8Start, Self.ping.utf8CodeUnitCount, to: &connections[slot].staged, of: slot)
      }
    }
    flushUrgent()
  }

  private static let ping: StaticString = "000 . PING\n"

  /// True when a connection is not read from at present.
  private func isUnread(_ slot: UInt32) -> Bool {
    !connections[slot].flags.isDisjoint(with: [.held, .paused]) || isThrottled(slot)
  }
}
