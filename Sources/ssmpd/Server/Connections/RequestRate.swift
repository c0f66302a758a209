// How many requests a connection may make.

import SSMPTransport

/// A bucket of tokens, one for each request: it holds those of one second, and fills up within one. Eight bytes, for the
/// record of a connection; an empty one, where there was no limit before, is full after a second.
struct RequestRate: BitwiseCopyable {
  /// Thousandths of a request, so that a millisecond at the lowest rate counts.
  private var level: Int32 = 0
  private var updated = Ticks(0)

  /// The bucket of a connection that is in nobody's debt.
  static func full(_ rate: Int32, now: Ticks) -> RequestRate {
    var bucket = RequestRate()
    bucket.level = rate * 1000
    bucket.updated = now
    return bucket
  }

  /// The requests that may be made now.
  ///
  /// - Parameter rate: the requests a second, up to `Ranges.rate.upperBound`.
  mutating func available(_ rate: Int32, now: Ticks) -> Int {
    let passed = Int64(min(now.since(updated), 1000))
    updated = now
    level = Int32(min(Int64(level) + passed * Int64(rate), Int64(rate) * 1000))
    return max(0, Int(level) / 1000)
  }

  /// Requests have been made, no more than were available.
  mutating func take(_ requests: Int) {
    level -= Int32(truncatingIfNeeded: requests) * 1000
  }

  /// The milliseconds for which a connection pauses that has used its tokens up. Short enough that it goes on smoothly, and
  /// long enough for at least one token, and that what it has sent ahead is not moved about all the time.
  static func pause(_ rate: Int32) -> UInt32 {
    max(200, 1000 / UInt32(max(1, rate)) + 1)
  }
}
