// How long to wait before the next attempt.

/// Pauses between attempts: each is a random part of a limit that doubles (full jitter).
struct Backoff {
  private let first: UInt64
  private let longest: UInt64
  private var limit: UInt64

  init(_ reconnection: Reconnection) {
    first = max(1, reconnection.firstPause.nanoseconds)
    longest = max(first, reconnection.longestPause.nanoseconds)
    limit = first
  }

  /// The next pause, in nanoseconds.
  ///
  /// - Parameter random: any number, all of them being equally likely.
  mutating func next(random: UInt64) -> UInt64 {
    let pause = random % (limit + 1)
    limit = min(longest, limit * 2)
    return pause
  }

  /// Goes to the longest pause at once.
  mutating func lengthen() { limit = longest }

  /// Begins anew: the client was online for a while.
  mutating func reset() { limit = first }
}
