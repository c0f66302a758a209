// Looking at the server again and again.

import CommandLineTools
import SSMPTransport

/// Asks the server on a thread of its own, so that a server that does not answer does not keep keys waiting.
final class TopPoller: Sendable {
  private struct State {
    var query: TopQuery
    /// Ask now, and not at the end of the interval.
    var isAsked = false
    var result: Result<TopSample, Failure>?
  }

  /// Signals that there is a result.
  let wakeup: Wakeup
  private let path: String
  private let interval: UInt64
  private let state: Monitor<State>

  /// Begins to ask.
  ///
  /// - Parameter interval: in milliseconds.
  init(_ path: String, _ query: TopQuery, every interval: UInt64) throws {
    (self.path, self.interval) = (path, interval)
    state = Monitor(State(query: query))
    do throws(SystemError) {
      wakeup = try Wakeup()
      try Thread(named: "poll") { [self] in run() }.detach()
    } catch {
      throw Failure(.refused, "\(error)")
    }
  }

  /// The latest result, if there is one that has not been taken.
  func take() -> Result<TopSample, Failure>? {
    state.withLock { state in
      defer { state.result = nil }
      return state.result
    }
  }

  /// Waits for the next result.
  ///
  /// - Throws: the failure of the look, or `CancellationError`; the cancellation handler of the task signals `wakeup`.
  func next() throws -> TopSample {
    while true {
      try Task.checkCancellation()
      if let result = take() { return try result.get() }
      _ = PatientSocket.wait(reading: [wakeup.descriptor], milliseconds: nil)
      wakeup.clear()
    }
  }

  /// Asks something else from now on, and at once if it is new.
  func ask(_ query: TopQuery) {
    state.withLock { state in
      guard state.query != query else { return }
      (state.query, state.isAsked) = (query, true)
    }
  }

  private func run() {
    var pace = TopPace(interval: interval)
    while true {
      if state.wait(milliseconds: pace.rest, until: { $0.isAsked ? true : nil }) != nil {
        Poller.rest(nanoseconds: pace.hurry() * 1_000_000)
      }
      let query = state.withLock { state in
        state.isAsked = false
        return state.query
      }
      let result = Result { try pace.sample(query, path) }.mapError { Failure($0) }
      state.withLock { $0.result = result }
      wakeup.signal()
    }
  }
}
