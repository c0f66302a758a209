// What the loops share about failed logins.

import SSMPTransport
import Synchronization

/// Failed logins, by address for the throttle and in all for the log, shared by the loops. A failed login takes its lock, and
/// while there are any, accepting a connection and each login do; messages never do.
final class LoginWatch: @unchecked Sendable {
  // Guarded by `lock`.
  private var failures = FailedLogins()
  private var budget = LineBudget()
  /// A loop may have looked at the clock before another one did that has come first. Time does not go back for that: to what
  /// counts the seconds that have passed they would be four billion.
  private var latest: UInt32 = 0
  private let lock = Lock()
  private let watched = Atomic<Int>(0)

  /// True when some address has failed logins; where none has, nobody need be asked about, and nothing noted of success.
  var isWatching: Bool { watched.load(ordering: .relaxed) > 0 }

  /// Notes that a login has failed. Returns the number of failures that were not logged since the last one that was, when
  /// this one is to be; else `nil`.
  func fail(_ peer: PeerAddress, limit: Int, now: UInt32) -> Int? {
    lock.withLock {
      latest = max(latest, now)
      failures.fail(peer, limit: limit, now: latest)
      publish()
      return budget.take(seconds: latest)
    }
  }

  /// Notes that a login has succeeded.
  func succeed(_ peer: PeerAddress, now: UInt32) {
    lock.withLock {
      latest = max(latest, now)
      failures.succeed(peer, now: latest)
      publish()
    }
  }

  /// True when a connection is to be let in.
  func admits(_ peer: PeerAddress, limit: Int, now: UInt32) -> Bool {
    lock.withLock {
      latest = max(latest, now)
      defer { publish() }
      return failures.admits(peer, limit: limit, now: latest)
    }
  }

  /// The number of failures that were not logged, when there are any, and nobody has failed lately.
  func unlogged(now: UInt32, _ isEnd: Bool) -> Int? {
    lock.withLock {
      latest = max(latest, now)
      return budget.rest(seconds: latest, isEnd)
    }
  }

  /// True when there are failures that no line tells of.
  var isOwing: Bool { lock.withLock { budget.isOwing } }

  private func publish() {
    watched.store(failures.count, ordering: .relaxed)
  }
}
