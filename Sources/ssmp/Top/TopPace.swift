// How often the server is asked.

import SSMPTransport

/// Looks at the server at regular times. The listings of a server with very many connections cost its event loops time, so they
/// take at most a tenth of it, and are not made at each look.
struct TopPace {
  /// The milliseconds between two looks.
  let interval: UInt64
  private var nextLook: UInt64 = 0
  private var lastLook: UInt64 = 0
  private var nextListing: UInt64 = 0

  init(interval: UInt64) { self.interval = interval }

  /// The milliseconds until the next look.
  var rest: UInt32 {
    let now = MonotonicTime.nanoseconds()
    // Rounded up: a look that is too early would be another one.
    return now >= nextLook ? 0 : UInt32(clamping: (nextLook - now + 999_999) / 1_000_000)
  }

  /// The shortest time between two looks, in milliseconds: rates over less say little.
  private static let shortest: UInt64 = 250

  /// Has the next look make a listing, and be soon. Returns the milliseconds to wait for it.
  mutating func hurry() -> UInt64 {
    nextListing = 0
    let gone = (MonotonicTime.nanoseconds() - lastLook) / 1_000_000
    return gone < Self.shortest ? Self.shortest - gone : 0
  }

  /// Looks at the server now.
  mutating func sample(_ query: TopQuery, _ path: String) throws -> TopSample {
    let start = MonotonicTime.nanoseconds()
    let step = interval * 1_000_000
    let isPunctual = start >= nextLook && start < nextLook + step
    nextLook = isPunctual ? nextLook + step : start + step
    lastLook = start
    let sample = try query.sample(path, lists: start >= nextListing)
    if let listing = sample.listing {
      let end = MonotonicTime.nanoseconds()
      guard listing.matchedConnections > TopQuery.mostConnections else {
        nextListing = 0
        return sample
      }
      // A listing that takes a tenth of the interval is made each time.
      nextListing = end - start > step / 10 ? start + 10 * (end - start) : 0
    }
    return sample
  }
}
