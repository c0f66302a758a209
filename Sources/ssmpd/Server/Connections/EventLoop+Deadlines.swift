// What happens to connections that are late.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Acts on every deadline that has passed. Nobody is closed before what the kernel holds of it has been read, or what the
  /// kernel has room for has been sent.
  mutating func expireDeadlines() {
    readClock()
    while let slot = deadlines.congestion.expired(Deadlines.hold, after: settings.holdTime, now: now) {
      retrySending(slot)
      guard deadlines.congestion.expired(Deadlines.hold, after: settings.holdTime, now: now) == slot else { continue }
      becomeSlow(slot)
    }
    while let slot = deadlines.congestion.expired(Deadlines.drain, after: Tuning.drainingTime, now: now) {
      retrySending(slot)
      guard deadlines.congestion.expired(Deadlines.drain, after: Tuning.drainingTime, now: now) == slot else {
        continue
      }
      becomeStuck(slot)
    }
    while let slot = deadlines.writing.expired(0, after: settings.writeTimeout, now: now) {
      retrySending(slot)
      guard deadlines.writing.expired(0, after: settings.writeTimeout, now: now) == slot else { continue }
      abort(slot, .writeTimeout)
    }
    while let slot = deadlines.liveness.expired(Deadlines.linger, after: Tuning.lingerTime, now: now) {
      endLingering(slot)
    }
    expireLogins()
    expireReserve()
    expirePongs()
    while let slot = deadlines.pause.expired(0, after: settings.ratePause, now: now) {
      deadlines.pause.clear(slot)
      endPause(slot)
    }
    pingIdle()
  }

  /// Closes connections that have not logged in in time, without sending any response (Login), as
  /// many as a turn has time for.
  private mutating func expireLogins() {
    let watch = Stopwatch()
    while watch.microseconds < Tuning.handshakeTime,
      let slot = deadlines.liveness.expired(Deadlines.login, after: settings.loginTimeout, now: now)
    {
      if hear(slot, Deadlines.login) { continue }
      // If the connection is held because of a log, that is not the client's fault: it gets the
      // whole time again.
      if isUnread(slot) {
        deadlines.liveness.set(slot, Deadlines.login, since: now)
      } else {
        abort(slot, .loginTimeout)
      }
    }
  }

  /// Closes connections in the reserve that have not displaced a connection by logging in, in time.
  private mutating func expireReserve() {
    let watch = Stopwatch()
    while watch.microseconds < Tuning.handshakeTime,
      let slot = deadlines.liveness.expired(Deadlines.reserve, after: settings.reserveTime, now: now)
    {
      if hear(slot, Deadlines.reserve) { continue }
      if isUnread(slot) {
        deadlines.liveness.set(slot, Deadlines.reserve, since: now)
      } else if hub.admissions.isCrowded {
        abort(slot, .connectionLimit)
      } else {
        // Other connections have closed, and this one is within the limit now: it gets the usual
        // time to log in.
        deadlines.liveness.set(slot, Deadlines.login, since: now.before(settings.reserveTime))
      }
    }
  }

  /// Closes connections that have not answered PING in time (Server-initiated), as many as a turn
  /// has time for.
  private mutating func expirePongs() {
    let watch = Stopwatch()
    while watch.microseconds < Tuning.handshakeTime,
      let slot = deadlines.liveness.expired(Deadlines.pong, after: settings.pongTimeout, now: now)
    {
      if isStranded(slot) {
        finish(slot, .peerClosed)
        deadlines.liveness.set(slot, Deadlines.linger, since: now)
      } else if isUnread(slot) {
        // The server does not read from this connection at present, so it cannot receive a PONG.
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
      } else if !hear(slot, Deadlines.pong) {
        if isUnread(slot) { continue }
        abort(slot, .pongTimeout)
      }
    }
  }

  /// Sends PING to each client that has made no request for the PING interval (Server-initiated).
  private mutating func pingIdle() {
    while let slot = deadlines.liveness.expired(Deadlines.ping, after: settings.pingInterval, now: now) {
      if isStranded(slot) {
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
      } else if isUnread(slot) {
        deadlines.liveness.set(slot, Deadlines.ping, since: now)
      } else {
        deadlines.liveness.set(slot, Deadlines.pong, since: now)
        outbox.stage.add(Self.ping.utf8Start, Self.ping.utf8CodeUnitCount, to: &connections[slot].staged, of: slot)
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
