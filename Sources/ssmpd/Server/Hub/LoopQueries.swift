// What other threads ask an event loop, which it answers in its turn.

import SSMPTransport
import Synchronization

/// A question to an event loop. It is asked on the loop's own thread, between two slices of its work, so it takes no more
/// time than a piece of a listing.
typealias LoopQuery = @Sendable (inout EventLoop) -> Void

/// The questions that wait for one loop.
final class LoopQueries: Sendable {
  /// Looked at in every turn, so it is not behind the lock.
  private let isAsked = Atomic<Bool>(false)
  private let waiting = Locked<[LoopQuery]>([])

  func add(_ query: @escaping LoopQuery) {
    waiting.withLock { $0.append(query) }
    isAsked.store(true, ordering: .releasing)
  }

  /// The questions that have come since this was called last.
  @inline(__always)
  func take() -> [LoopQuery] {
    isAsked.load(ordering: .relaxed) ? takeAll() : []
  }

  private func takeAll() -> [LoopQuery] {
    isAsked.store(false, ordering: .sequentiallyConsistent)
    return waiting.withLock { all in
      defer { all = [] }
      return all
    }
  }
}

extension Hub {
  /// Asks a loop something, and waits for the answer; `nil` when none comes in time: the loop is stuck, or has ended. For
  /// threads that may wait, which event loops may not.
  func ask<Answer: Sendable>(
    _ loop: Int, within milliseconds: UInt32 = Tuning.queryTime,
    _ question: @escaping @Sendable (inout EventLoop) -> Answer
  ) -> Answer? {
    askAll([loop], within: milliseconds, question)[0]
  }

  /// Asks several loops at once.
  func askAll<Answer: Sendable>(
    _ loops: [Int], within milliseconds: UInt32 = Tuning.queryTime,
    _ question: @escaping @Sendable (inout EventLoop) -> Answer
  ) -> [Answer?] {
    let watch = Stopwatch()
    let handovers = loops.map { loop in
      let handover = Handover<Answer>()
      tell(loop) { handover.give(question(&$0)) }
      return handover
    }
    return handovers.map { handover in
      let passed = UInt32(clamping: watch.microseconds / 1000)
      return handover.wait(milliseconds: milliseconds - min(milliseconds, passed))
    }
  }

  /// Has a loop do something, and does not wait for it.
  func tell(_ loop: Int, _ query: @escaping LoopQuery) {
    queries[loop].add(query)
    wakeups[loop].signal()
  }
}

extension EventLoop {
  /// Answers what has been asked since the turn before.
  mutating func answerQueries() {
    for query in hub.queries[index].take() { query(&self) }
  }
}
