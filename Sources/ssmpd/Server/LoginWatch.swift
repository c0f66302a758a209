// What the loops share about failed logins.

import SSMPTransport

/// Failed logins, by address for the throttle and in all for the log, shared by the loops. Accepting a connection and the end
/// of a login take its lock; messages never do.
final class LoginWatch: @unchecked Sendable {
  // Guarded by `lock`.
  private var failures = FailedLogins()
  private var budget = LineBudget()
  private let lock = Lock()

  /// Notes that a login has failed. Returns the number of failures that were not logged since the last one that was, when
  /// this one is to be; else `nil`.
  func fail(_ peer: PeerAddress, limit: Int, now: UInt32) -> Int? {
    lock.withLock {
      failures.fail(peer, limit: limit, now: now)
      return budget.take(seconds: now)
    }
  }

  /// Notes that a login has succeeded.
  func succeed(_ peer: PeerAddress, now: UInt32) {
    lock.withLock { failures.succeed(peer, now: now) }
  }

  /// True when a connection is to be let in.
  func admits(_ peer: PeerAddress, limit: Int, now: UInt32) -> Bool {
    lock.withLock { failures.admits(peer, limit: limit, now: now) }
  }
}
