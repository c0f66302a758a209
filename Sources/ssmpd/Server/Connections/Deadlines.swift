// The deadlines of a loop's connections.

import SSMPTransport

/// Everything that connections can be late with.
struct Deadlines: ~Copyable {
  /// Kinds of `liveness`.
  static let login: UInt8 = 0
  static let ping: UInt8 = 1
  static let pong: UInt8 = 2
  static let linger: UInt8 = 3
  static let reserve: UInt8 = 4

  /// Logging in, sending something, answering PING, going away: one at a time.
  var liveness = DeadlineLists(kinds: 5)
  /// Taking some of the pending output.
  var writing = DeadlineLists(kinds: 1)
  /// Kinds of `congestion`: draining while senders wait, and after that.
  static let hold: UInt8 = 0
  static let drain: UInt8 = 1

  /// Draining, so that senders can go on.
  var congestion = DeadlineLists(kinds: 2)

  /// Making requests again.
  var pause = DeadlineLists(kinds: 1)

  /// The state of a small generator of numbers that look random.
  private var jitter = UInt32.random(in: 0 ... .max)

  /// Now, or up to an eighth of the ping interval ago: connections that came in the same instant are not all to be
  /// pinged in the same instant for ever.
  mutating func jittered(_ now: Ticks, interval: UInt32) -> Ticks {
    // It is no secret, so it need not come from the system's random source, which is a system call.
    jitter = jitter &* 1_664_525 &+ 1_013_904_223
    return now.before(UInt32(UInt64(jitter) * UInt64(interval / 8 + 1) >> 32))
  }

  mutating func clear(_ slot: UInt32) {
    liveness.clear(slot)
    writing.clear(slot)
    congestion.clear(slot)
    pause.clear(slot)
  }

  /// Gives back the memory of a chunk of slots that are not used.
  mutating func giveBack(chunk: Int) {
    liveness.giveBack(chunk: chunk)
    writing.giveBack(chunk: chunk)
    congestion.giveBack(chunk: chunk)
    pause.giveBack(chunk: chunk)
  }

  /// The milliseconds until the first of them passes; `nil` when there are none.
  func remaining(_ settings: Settings, now: Ticks) -> UInt32? {
    var least: UInt32?
    func consider(_ time: UInt32?) {
      if let time { least = min(time, least ?? .max) }
    }
    consider(liveness.remaining(Self.login, after: settings.loginTimeout, now: now))
    consider(liveness.remaining(Self.ping, after: settings.pingInterval, now: now))
    consider(liveness.remaining(Self.pong, after: settings.pongTimeout, now: now))
    consider(liveness.remaining(Self.reserve, after: settings.reserveTime, now: now))
    consider(liveness.remaining(Self.linger, after: Tuning.lingerTime, now: now))
    consider(writing.remaining(0, after: settings.writeTimeout, now: now))
    consider(congestion.remaining(Self.hold, after: settings.holdTime, now: now))
    consider(congestion.remaining(Self.drain, after: Tuning.drainingTime, now: now))
    consider(pause.remaining(0, after: settings.ratePause, now: now))
    return least
  }
}
