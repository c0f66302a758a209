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
  mutating func next(using generator: inout some RandomNumberGenerator) -> UInt64 {
    defer { limit = min(longest, limit * 2) }
    return UInt64.random(in: 0...limit, using: &generator)
  }

  /// Begins anew: the client was online.
  mutating func reset() { limit = first }
}
