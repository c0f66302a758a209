// Whether all event loops live.

import SSMPTransport
import Synchronization

/// Calls that every loop answers by making a turn. A loop that hangs does not answer, and then the call is never complete.
///
/// To a loop that has nothing to answer a turn costs one reading of a number that hardly ever changes.
final class RollCall: Sendable {
  /// What the loops know of the server, as of the last answer.
  struct Counts: Equatable, Sendable {
    var clients = 0
    var topics = 0
  }

  /// Signaled when a call is complete.
  let completed: Wakeup
  private let number = Atomic<Int>(1)
  private let state: Locked<State>

  private struct State {
    /// The call that each loop has answered last.
    var answered: [Int]
    var counts = Counts()
  }

  /// The first call is made right away: it is complete when all loops run.
  init(loops: Int) throws(SystemError) {
    completed = try Wakeup()
    state = Locked(State(answered: Array(repeating: 0, count: loops)))
  }

  /// The call to be answered.
  var current: Int { number.load(ordering: .relaxed) }

  /// Makes the next call, for which the loops have to be woken.
  func next() {
    number.add(1, ordering: .relaxed)
  }

  /// True when every loop has answered the present call.
  var isComplete: Bool {
    let call = current
    return state.withLock { $0.answered.allSatisfy { $0 >= call } }
  }

  /// What the loops know of the server.
  var counts: Counts { state.withLock { $0.counts } }

  /// A loop answers a call.
  func answer(_ call: Int, loop: Int, counts: Counts? = nil) {
    let isLast = state.withLock { state in
      state.answered[loop] = call
      if let counts { state.counts = counts }
      return state.answered.allSatisfy { $0 >= call }
    }
    if isLast { completed.signal() }
  }

  /// A loop has ended in good order: it will not be missed.
  func retire(loop: Int) {
    answer(.max, loop: loop)
    completed.signal()
  }
}

extension EventLoop {
  /// Shows that this loop makes turns, if somebody wants to know.
  @inline(__always)
  mutating func answerRollCall() {
    guard let rollCall = hub.service?.rollCall else { return }
    let call = rollCall.current
    guard call != upkeep.answeredCall else { return }
    upkeep.answeredCall = call
    var counts: RollCall.Counts?
    if index == 0 { counts = hub.withRegistry { RollCall.Counts(clients: $0.clientCount, topics: $0.topicCount) } }
    rollCall.answer(call, loop: index, counts: counts)
  }
}
