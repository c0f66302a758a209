// Rests between turns, so that what is sent next is worth its calls.

/// How long a loop rests after a turn.
///
/// A call that sends costs as much as dozens of messages. A loop that has nothing else to do would send each few as they
/// come; when several loops, or a loop and its clients, share the cores, that takes from the others what they need to
/// bring more. So a loop with time to spare rests for a part of what its last turn took, and meanwhile more comes in, as network
/// cards do with their interrupts. A loop that has no time to spare never rests, nor does one that has sent to a few, or through
/// TLS: there it is the bytes that cost, and what is sent a moment later is decrypted later.
///
/// Times are in nanoseconds.
struct Pacing {
  /// Idle and busy time of late: both are halved now and then.
  private var idle: UInt64 = 0
  private var busy: UInt64 = 0
  private var lastTurn: UInt64 = 0
  private var lastSends = 0

  /// The connections that a turn has to have sent to.
  static let leastSends = 16
  /// The longest rest.
  static let longestRest: UInt64 = 1_000_000
  /// How far back idle and busy time are remembered.
  private static let memory: UInt64 = 5_000_000
  /// Shorter rests are not worth the call.
  private static let shortestRest: UInt64 = 3_000

  /// Takes down a turn that has ended.
  ///
  /// - Parameters:
  ///   - idle: the time between the turn before and this one, a rest included.
  ///   - busy: the time that it took.
  ///   - sends: the connections without TLS that it has sent to.
  @inline(__always)
  mutating func noteTurn(idle: UInt64, busy: UInt64, sends: Int) {
    self.idle += min(idle, Self.memory)
    self.busy += min(busy, Self.memory)
    if self.idle + self.busy > Self.memory {
      self.idle /= 2
      self.busy /= 2
    }
    lastTurn = busy
    lastSends = sends
  }

  /// How long to rest before the next turn; 0 for not at all.
  ///
  /// At most a quarter of the last turn, so that nobody waits much longer than without; and less than the share of the time that
  /// was idle, rests included: when a loop gets busy its rests become shorter from turn to turn, until they are none.
  @inline(__always)
  var rest: UInt64 {
    guard lastSends >= Self.leastSends else { return 0 }
    // In sixteenths.
    let share = idle * 16 / (idle + busy + 1)
    guard share > 1 else { return 0 }
    let rest = min(lastTurn / 16 * min(share - 1, 4), Self.longestRest)
    return rest < Self.shortestRest ? 0 : rest
  }
}
