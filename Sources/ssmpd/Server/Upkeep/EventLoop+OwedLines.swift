// The rest of what was logged only once.

import SSMPCore
import SSMPTransport

/// What a loop has to say of requests that were refused.
struct RefusalLines {
  /// Whether a line of a reason may be written, by reason.
  var messages = [RepeatedMessage](repeating: RepeatedMessage(), count: RequestRefusal.Reason.allCases.count)
  /// The refusals that no line has told of, and the last one of each reason.
  var untold = [Int](repeating: 0, count: RequestRefusal.Reason.allCases.count)
  var last = [RequestRefusal?](repeating: nil, count: RequestRefusal.Reason.allCases.count)
}

extension RequestRefusal.Reason {
  var place: Int { Int(rawValue) }

  var name: String {
    switch self {
    case .access: "access"
    case .subscriptionLimit: "subscription-limit"
    }
  }
}

extension EventLoop {
  /// Requests have been refused, here or on another loop: one line now, the number of the others in one later, and at the
  /// level `debug` a line for each.
  mutating func noteRefusals(_ reason: RequestRefusal.Reason) {
    let isDue = refusalLines.messages[reason.place].occur(now: now) != nil
    if isDue || hub.log.isEnabled(.debug) { collectRefusals() }
    if isDue { tellRefusals(reason) } else { oweLines() }
  }

  /// Lines are owed, which are written when their time has come.
  mutating func oweLines() {
    chores.plan(in: Tuning.logInterval, now: now)
  }

  /// Takes the refusals that no loop has taken yet.
  private mutating func collectRefusals() {
    let (refusals, lost) = hub.withRegistry { $0.takeRefusals() }
    for refusal in refusals {
      refusalLines.untold[refusal.reason.place] += 1
      refusalLines.last[refusal.reason.place] = refusal
      hub.log.write(.debug, "refuse \(refusal.text)")
    }
    guard lost > 0, let reason = refusals.first?.reason else { return }
    // Nearly always they are of one kind, and where they are not the sum is right.
    refusalLines.untold[reason.place] += lost
    hub.log.write(.debug, "refuse unlogged=\(lost)")
  }

  private func total(of reason: RequestRefusal.Reason) -> UInt64 {
    switch reason {
    case .access: refusedByAccess
    case .subscriptionLimit: refusedSubscriptions
    }
  }

  private mutating func tellRefusals(_ reason: RequestRefusal.Reason) {
    let count = refusalLines.untold[reason.place]
    guard count > 0, let refusal = refusalLines.last[reason.place] else { return }
    refusalLines.untold[reason.place] = 0
    hub.log.write(.warning, "refuse \(refusal.text) count=\(count) total=\(total(of: reason))")
  }

  /// Writes the number of what has not been logged since the last line of its kind, where that was long enough ago.
  ///
  /// - Parameter isEnd: the loop ends: all of it, however long ago.
  mutating func writeOwedLines(isEnd: Bool) {
    for reason in RequestRefusal.Reason.allCases where refusalLines.messages[reason.place].rest(now, isEnd) != nil {
      collectRefusals()
      tellRefusals(reason)
    }
    if let count = pollerFailures.rest(now, isEnd) { hub.log.write(.error, "accept failed count=\(count)") }
    if let count = pauses.rest(now, isEnd) { hub.log.write(.info, "throttle count=\(count)") }
    if let count = connectionLimit.rest(now, isEnd) {
      hub.log.write(.warning, "refuse reason=\(CloseReason.connectionLimit.name) count=\(count)")
    }
    if let count = lateTurns.rest(.now(), isEnd) { hub.log.write(.warning, "late loop=\(index) count=\(count)") }
    if let count = slowReaders.rest(now, isEnd) { hub.log.write(.info, "slow count=\(count)") }
    acceptor.writeOwedLines(now, isEnd)
    let seconds = Ticks.seconds()
    if let count = hub.logins.unlogged(now: seconds, isEnd) {
      hub.log.write(.warning, "login failed unlogged=\(count)")
    }
    if let count = closeWarnings.rest(seconds: seconds, isEnd), !hub.log.isEnabled(.info) {
      hub.log.write(.warning, "close unlogged=\(count)")
    }
    let isOwing =
      refusalLines.messages.contains(where: \.isOwing) || pollerFailures.isOwing || pauses.isOwing || acceptor.isOwing
      || lateTurns.isOwing || slowReaders.isOwing || connectionLimit.isOwing || closeWarnings.isOwing
      || hub.logins.isOwing
    if isOwing, !isEnd { chores.plan(in: Tuning.owedLinesInterval, now: now) }
  }
}

extension RequestRefusal {
  /// What the log says of it.
  fileprivate var text: String {
    let target = target.isEmpty ? "-" : String(decoding: target, as: UTF8.self)
    return "reason=\(reason.name) id=\(String(decoding: identity, as: UTF8.self)) verb=\(verb.name) target=\(target)"
  }
}
