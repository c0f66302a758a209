// What one loop counts.

import Containers
import SSMPCore

/// Counts of one loop since the start; the registry has its own.
struct Counters: Sendable {
  var turns: UInt64 = 0
  var accepted: UInt64 = 0
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
  var slowReaders: UInt64 = 0
  /// How often a connection paused because it had made the requests that it may.
  var throttled: UInt64 = 0
  /// Logins that failed, by reason.
  private var failures = [UInt64](repeating: 0, count: FailedLogin.allCases.count)
  /// Handshakes that were completed, and those of them that resumed an earlier session.
  var handshakes: UInt64 = 0
  var handshakesResumed: UInt64 = 0
  private var closes = CaseCounts<CloseReason, UInt64>()
  /// How busy the loop is, and how its connections stand.
  var measures = Measures()
  /// The pending output and kept input of the loop's connections, in bytes; the one figure that falls, too.
  var pending = 0
  /// The part of it that is not output: input, and what TLS needs.
  var pendingInput = 0

  /// The number of connections closed for `reason`.
  subscript(reason: CloseReason) -> UInt64 {
    get { closes[reason] }
    set { closes[reason] = newValue }
  }

  /// The number of logins that failed for `reason`.
  subscript(reason: FailedLogin) -> UInt64 {
    get { failures[reason.place] }
    set { failures[reason.place] = newValue }
  }

  /// The number of logins that failed.
  var failedLogins: UInt64 { FailedLogin.allCases.reduce(0) { $0 + self[$1] } }

  static func += (sum: inout Counters, other: Counters) {
    sum.turns += other.turns
    sum.accepted += other.accepted
    sum.bytesIn += other.bytesIn
    sum.bytesOut += other.bytesOut
    sum.slowReaders += other.slowReaders
    sum.throttled += other.throttled
    sum.handshakes += other.handshakes
    sum.handshakesResumed += other.handshakesResumed
    sum.measures += other.measures
    sum.pending += other.pending
    sum.pendingInput += other.pendingInput
    sum.closes += other.closes
    for reason in FailedLogin.allCases { sum[reason] += other[reason] }
  }
}
