// The access rules, as far as a loop is concerned.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// After the access rules were replaced, has the registry check the clients that are logged in
  /// again: as many as a turn has time for. The rules themselves apply to every request already.
  mutating func recheckAccess() {
    guard upkeep.isRechecking else { return }
    let watch = Stopwatch()
    repeat {
      let step = hub.step(of: index) { $0.recheck(on: index, steps: Tuning.recheckSteps) }
      note(step.outlook)
      upkeep.isRechecking = step.result != .done
      // The UNSUBSCRIBE events of the clients that were closed have to be sent before there are
      // more.
      guard step.result == .more, !outbox.hasMuch else { return }
    } while watch.microseconds < Tuning.recheckTime
  }
}
