// What the loops share about failed logins.

import SSMPTransport

/// Failed logins, by address for the throttle and in all for the log, shared by the loops. Accepting a connection and the end
/// of a login take its lock; messages never do.
final class LoginWatch: @unchecked Sendable {
  // Guarded by `lock`.
  private var failures = FailedLogins()
  private var budget = LineBudget()
  /// A loop may have looked at the clock before another one did that has come first. Time does not go back for that: to what
  /// counts the seconds that have passed they would be four billion.
  private var latest: UInt32 = 0
  private let lock = Lock()

  /// Notes that a login has failed. Returns the number of failures that were not logged since the last one that was, when
  /// this one is to be; else `nil`.
  func fail(_ peer: PeerAddress, limit: Int, now: UInt32) -> Int? {
    lock.withLock {
      latest = max(latest, now)
      failures.fail(peer, limit: limit, now: latest)
      return budget.take(seconds: latest)
    }
  }

  /// Notes that a login has succeeded.
  func succeed(_ peer: PeerAddress, now: UInt32) {
    lock.withLock {
      latest = max(latest, now)
      failures.succeed(peer, now: latest)
    }
  }

  /// True when a connection is to be let in.
  func admits(_ peer: PeerAddress, limit: Int, now: UInt32) -> Bool {
    lock.withLock {
      latest = max(latest, now)
      return failures.admits(peer, limit: limit, now: latest)
    }
  }
}
