// Whether all event loops live.

import SSMPTransport
import Synchronization

/// Calls that every loop answers by making a turn. A loop that hangs does not answer, and then the call is never complete.
///
/// To a loop that has nothing to answer a turn costs one reading of a number that hardly ever changes.
final class RollCall: @unchecked Sendable {
  /// What the loops know of the server, as of the last answer.
  struct Figures: Equatable, Sendable {
    var clients = 0
    var topics = 0
  }

  /// Signaled when a call is complete.
  let completed: Wakeup
  private let number = Atomic<Int>(1)
  // Guarded by `lock`, which, other than `Mutex`, the thread sanitizer knows.
  private var state: State
  private let lock = Lock()

  private struct State {
    /// The call that each loop has answered last.
    var answered: [Int]
    var figures = Figures()
  }

  /// The first call is made right away: it is complete when all loops run.
  init(loops: Int) throws(SystemError) {
    completed = try Wakeup()
    state = State(answered: Array(repeating: 0, count: loops))
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
    return lock.withLock { state.answered.allSatisfy { $0 >= call } }
  }

  /// What the loops know of the server.
  var figures: Figures { lock.withLock { state.figures } }

  /// A loop answers a call.
  func answer(_ call: Int, loop: Int, figures: Figures? = nil) {
    let isLast = lock.withLock {
      state.answered[loop] = call
      if let figures { state.figures = figures }
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
    var figures: RollCall.Figures?
    if index == 0 { figures = hub.withRegistry { RollCall.Figures(clients: $0.clientCount, topics: $0.topicCount) } }
    rollCall.answer(call, loop: index, figures: figures)
  }
}
