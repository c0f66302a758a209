// The access rules, as far as a loop is concerned.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Has the registry look again at those who are there, after other access rules have come into force: as many as a turn
  /// has time for. The rules themselves apply to every request already.
  mutating func recheckAccess() {
    guard upkeep.isRechecking else { return }
    let watch = Stopwatch()
    repeat {
      let step = hub.step(of: index) { $0.recheck(on: index, steps: Tuning.recheckSteps) }
      note(step.outlook)
      upkeep.isRechecking = step.result != .done
      // The UNSUBSCRIBE events of those who were closed have to go out before more are.
      guard step.result == .more, !outbox.hasMuch else { return }
    } while watch.microseconds < Tuning.recheckTime
  }
}
