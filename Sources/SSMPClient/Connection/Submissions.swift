// Requests of tasks, on their way to the I/O thread.

import SSMPTransport

/// The requests that tasks have made and the I/O thread has not taken.
///
/// Many tasks make requests at the same time. Here they meet only each other, for a moment; the client's lock is held while
/// the I/O thread reads and writes.
final class Submissions: Sendable {
  struct Submission {
    let request: ClientRequest
    let caller: Caller
    let ticket: UInt64
  }

  /// What becomes of a request.
  enum Way {
    /// Nothing else is on its way: the task sends it by itself, which is the shortest way.
    case direct
    /// It waits for the I/O thread, which has to be told.
    case first
    /// It waits with others, of which the I/O thread knows.
    case queued
  }

  /// What the lock guards.
  struct State {
    var waiting: [Submission] = []
    /// The requests that are not settled.
    var unsettled = 0
    /// Above 0 where several tasks made requests at the same time a moment ago.
    var crowd = 0
    var nextTicket: UInt64 = 0
  }

  private let state = Locked(State())
  /// So many requests are made alone before they go directly again: the first of a crowd would, each time.
  private static let patience = 16

  /// True where more requests will follow in a moment.
  var isCrowded: Bool { state.withLock { $0.crowd == Self.patience } }

  /// A number by which a request can be taken back.
  func newTicket() -> UInt64 { newTickets(1).lowerBound }

  /// As many such numbers.
  func newTickets(_ count: Int) -> Range<UInt64> {
    state.withLock {
      let first = $0.nextTicket + 1
      $0.nextTicket += UInt64(count)
      return first..<first + UInt64(count)
    }
  }

  /// Adds a request, unless it goes directly.
  func add(_ submission: Submission) -> Way {
    state.withLock { state in
      state.unsettled += 1
      if state.unsettled > 1 {
        state.crowd = Self.patience
      } else if state.crowd == 0 {
        return .direct
      } else {
        state.crowd -= 1
      }
      state.waiting.append(submission)
      return state.waiting.count == 1 ? .first : .queued
    }
  }

  /// Takes a request back that still waits.
  func withdraw(_ ticket: UInt64) -> Caller? {
    state.withLock { state in
      guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
      state.unsettled -= 1
      return state.waiting.remove(at: index).caller
    }
  }

  /// Takes all that wait.
  func take() -> [Submission] {
    state.withLock { state in
      var all: [Submission] = []
      swap(&all, &state.waiting)
      return all
    }
  }

  /// Notes that requests are settled.
  func settle(_ count: Int) {
    state.withLock { $0.unsettled -= count }
  }
}
