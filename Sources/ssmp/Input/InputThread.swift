// Reading what may not come for a long time.

import Glibc
import SSMPTransport

/// Reads a descriptor on a thread of its own, one portion ahead of the task that takes them.
final class InputThread: Sendable {
  private static let portion = 64 << 10

  private struct State {
    var portion: [UInt8]?
    var hasEnded = false
    /// The task that waits.
    var taker: Taker?

    /// Takes the task that waits.
    mutating func takeTaker() -> Taker? {
      defer { taker = nil }
      return taker
    }
  }

  private typealias Taker = CheckedContinuation<[UInt8]?, Never>

  /// Where a portion went.
  private enum Place {
    case task(Taker)
    case state
  }

  private let state = Monitor(State())

  /// Begins to read.
  init(_ descriptor: Int32) {
    do throws(SystemError) {
      try Thread(named: "input") { [self] in read(descriptor) }.detach()
    } catch {
      state.withLock { $0.hasEnded = true }
    }
  }

  /// The next bytes; `nil` at the end, and when the task is cancelled. For one task at a time.
  func next() async -> [UInt8]? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { taker in
        let ready: [UInt8]?? = state.withLock { state in
          if let portion = state.portion {
            state.portion = nil
            return .some(portion)
          }
          if state.hasEnded || Task.isCancelled { return .some(nil) }
          state.taker = taker
          return nil
        }
        if let ready { taker.resume(returning: ready) }
      }
    } onCancel: {
      state.withLock { $0.takeTaker() }?.resume(returning: nil)
    }
  }

  private func read(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: Self.portion)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      give(Array(buffer[..<count]))
    }
    state.withLock { state in
      state.hasEnded = true
      return state.takeTaker()
    }?.resume(returning: nil)
  }

  /// Gives a portion to the task, or leaves it for the task to take.
  private func give(_ portion: [UInt8]) {
    let place: Place? = state.wait { state in
      if let taker = state.takeTaker() { return .task(taker) }
      guard state.portion == nil else { return nil }
      state.portion = portion
      return .state
    }
    if case .task(let taker)? = place { taker.resume(returning: portion) }
  }
}
