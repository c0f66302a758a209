// Whether the server is still there.

/// When to send a PING, and when to give a connection up (Client-initiated).
///
/// Times are in nanoseconds of a clock that only goes forward.
struct Liveness {
  let ping: UInt64
  let pong: UInt64
  /// When the last byte came.
  private(set) var lastInput: UInt64
  /// When the PING was sent that has not been answered.
  private var pinged: UInt64?

  /// What is to be done now.
  enum Duty: Equatable {
    case nothing
    case ping
    /// The server has been silent for too long.
    case giveUp
  }

  init(_ timeouts: Timeouts, now: UInt64) {
    ping = max(1_000_000, timeouts.ping.nanoseconds)
    pong = max(1_000_000, timeouts.pong.nanoseconds)
    lastInput = now
  }

  /// Notes that something has come.
  @inline(__always)
  mutating func received(now: UInt64) {
    lastInput = now
  }

  /// Notes the PONG that a PING asks for.
  mutating func answered() {
    pinged = nil
  }

  /// When `duty` is to be asked next. The time for a PONG counts from the last byte: a server that sends is there.
  var deadline: UInt64 {
    guard let pinged else { return lastInput + ping }
    return max(pinged, lastInput) + pong
  }

  /// What is to be done now; a PING counts as sent.
  mutating func duty(now: UInt64) -> Duty {
    guard now >= deadline else { return .nothing }
    guard pinged == nil else { return .giveUp }
    pinged = now
    return .ping
  }
}

extension Duration {
  /// The nanoseconds, at least none.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    // Longer than any process lives, and far enough from the end of the clock for sums.
    guard seconds < 1 << 32 else { return 1 << 62 }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
  }
}
