// The rest of what was logged only once.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Requests have been refused, here or on another loop: one line now, the number of the others in one later, and at the
  /// level `debug` a line for each.
  mutating func noteRefusals(_ reason: RequestRefusal.Reason) {
    let isDue = notices.refusals.messages[reason.place].occur(now: now) != nil
    if isDue || hub.log.isEnabled(.debug) { collectRefusals() }
    if isDue { tellRefusals(reason) } else { oweLines() }
  }

  /// Lines are owed, which are written when their time has come.
  mutating func oweLines() {
    upkeep.chores.plan(in: Tuning.logInterval, now: now)
  }

  /// Takes the refusals that no loop has taken yet.
  private mutating func collectRefusals() {
    let (refusals, lost) = hub.withRegistry { $0.takeRefusals() }
    for refusal in refusals {
      notices.refusals.untold[refusal.reason.place] += 1
      notices.refusals.last[refusal.reason.place] = refusal
      hub.log.write(.debug, "refuse \(refusal.text)")
    }
    guard lost > 0, let reason = refusals.first?.reason else { return }
    // Nearly always they are of one kind, and where they are not the sum is right.
    notices.refusals.untold[reason.place] += lost
    hub.log.write(.debug, "refuse unlogged=\(lost)")
  }

  private mutating func tellRefusals(_ reason: RequestRefusal.Reason) {
    let count = notices.refusals.untold[reason.place]
    guard count > 0, let refusal = notices.refusals.last[reason.place] else { return }
    notices.refusals.untold[reason.place] = 0
    hub.log.write(.warning, "refuse \(refusal.text) count=\(count) total=\(notices.refusals.total(of: reason))")
  }

  /// Writes the number of what has not been logged since the last line of its kind, where that was long enough ago.
  ///
  /// - Parameter isEnd: the loop ends: all of it, however long ago.
  mutating func writeOwedLines(isEnd: Bool) {
    for reason in RequestRefusal.Reason.allCases where notices.refusals.messages[reason.place].rest(now, isEnd) != nil {
      collectRefusals()
      tellRefusals(reason)
    }
    if let count = notices.pollerFailures.rest(now, isEnd) { hub.log.write(.error, "accept failed count=\(count)") }
    if let count = notices.pauses.rest(now, isEnd) { hub.log.write(.info, "throttle count=\(count)") }
    if let count = notices.connectionLimit.rest(now, isEnd) {
      hub.log.write(.warning, "refuse reason=\(CloseReason.connectionLimit.name) count=\(count)")
    }
    if let count = notices.lateTurns.rest(.now(), isEnd) {
      hub.log.write(.warning, "late loop=\(index) count=\(count)")
    }
    if let count = notices.slowReaders.rest(now, isEnd) { hub.log.write(.info, "slow count=\(count)") }
    acceptor.writeOwedLines(now, isEnd)
    let seconds = Ticks.seconds()
    if let count = hub.logins.unlogged(now: seconds, isEnd) {
      hub.log.write(.warning, "login failed unlogged=\(count)")
    }
    if let count = notices.closes.rest(seconds: seconds, isEnd), !hub.log.isEnabled(.info) {
      hub.log.write(.warning, "close unlogged=\(count)")
    }
    let isOwing = notices.isOwing || acceptor.isOwing || hub.logins.isOwing
    if isOwing, !isEnd { upkeep.chores.plan(in: Tuning.owedLinesInterval, now: now) }
  }
}

extension RequestRefusal {
  /// What the log says of it.
  fileprivate var text: String {
    let target = target.isEmpty ? "-" : String(decoding: target, as: UTF8.self)
    return "reason=\(reason.name) id=\(String(decoding: identity, as: UTF8.self)) verb=\(verb.name) target=\(target)"
  }
}
