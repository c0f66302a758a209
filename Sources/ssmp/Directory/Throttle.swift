// Limiting how often something is said.

import SSMPTransport

/// Lets so many notes through, and one more each `interval`; it counts the others.
struct Throttle {
  private let burst: Int
  private let interval: UInt64
  private var allowed: Int
  private var since: UInt64
  private(set) var suppressed = 0

  /// - Parameters:
  ///   - burst: how many notes may come at the same time.
  ///   - interval: after how many nanoseconds one more may come.
  init(burst: Int, interval: UInt64, now: UInt64 = MonotonicTime.nanoseconds()) {
    (self.burst, self.interval, allowed, since) = (burst, interval, burst, now)
  }

  /// Asks whether a note may be said now.
  ///
  /// - Returns: how many were suppressed before it; `nil` if it is suppressed, too.
  mutating func admit(now: UInt64 = MonotonicTime.nanoseconds()) -> Int? {
    let earned = Int((now - since) / interval)
    if earned > 0 {
      allowed = min(burst, allowed + min(earned, burst))
      since += UInt64(earned) * interval
    }
    guard allowed > 0 else {
      suppressed += 1
      return nil
    }
    allowed -= 1
    defer { suppressed = 0 }
    return suppressed
  }
}
