// Waiting for lines in a thousand FIFOs.

import Glibc
import SSMPTransport

/// A thread that waits until there is something to read, for the one task that reads.
final class FIFOWatch: @unchecked Sendable {
  // Safe to share: the system allows to add and to remove descriptors while the thread waits; all
  // else of the poller is for the thread alone.
  private let poller: Poller

  private typealias Reader = CheckedContinuation<[UInt64]?, Never>
  private let reader = Monitor<Reader?>(nil)

  /// Begins to wait.
  init() throws(SystemError) {
    poller = try Poller()
    try Thread(named: "fifos") { [self] in run() }.detach()
  }

  /// Waits for this FIFO, too; `next` calls it by its number.
  func add(_ fifo: InputFIFO, number: UInt64) throws(SystemError) {
    try poller.addLevelTriggered(fifo.descriptor, token: number)
  }

  /// Does not wait for this FIFO any more.
  func remove(_ fifo: InputFIFO) { poller.remove(fifo.descriptor) }

  /// The FIFOs that have something to read; `nil` when the task is cancelled.
  func next() async -> [UInt64]? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { task in
        let isCancelled = reader.withLock { reader in
          if !Task.isCancelled { reader = task }
          return Task.isCancelled
        }
        if isCancelled { task.resume(returning: nil) }
      }
    } onCancel: {
      take()?.resume(returning: nil)
    }
  }

  private func take() -> Reader? {
    reader.withLock { reader in
      defer { reader = nil }
      return reader
    }
  }

  private func run() {
    while true {
      // The poller is level-triggered: without a reader it would report the same FIFOs again and again.
      _ = reader.wait { $0 == nil ? nil : true }
      let count = poller.wait(milliseconds: nil)
      guard count > 0 else { continue }
      take()?.resume(returning: (0..<count).map { poller.event($0).token })
    }
  }
}
