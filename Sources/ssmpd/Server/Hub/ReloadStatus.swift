// What has become of reloads.

import Glibc
import SSMPTransport

/// The last reload, and the last successful one, for the operator and for monitoring.
final class ReloadStatus: Sendable {
  struct Figures: Equatable, Sendable {
    /// False when the last one has failed, so that what is in force is not what the files say.
    var isGood = true
    /// When it ended, in seconds since 1970; the start counts as one.
    var ended: Int
    /// When what is in force came into force.
    var succeeded: Int
  }

  private let state: Locked<Figures>

  /// - Parameter now: the time in seconds since 1970.
  init(now: Int = time(nil)) {
    state = Locked(Figures(ended: now, succeeded: now))
  }

  /// A reload has ended.
  func note(isGood: Bool, now: Int = time(nil)) {
    state.withLock {
      $0.isGood = isGood
      $0.ended = now
      if isGood { $0.succeeded = now }
    }
  }

  var figures: Figures { state.withLock { $0 } }
}

extension ReloadStatus.Figures {
  /// A line for a health check; `nil` when there is nothing to say.
  var complaint: String? {
    isGood
      ? nil : "reload=failed seconds=\(max(0, time(nil) - ended)) in-force-seconds=\(max(0, time(nil) - succeeded))"
  }
}
