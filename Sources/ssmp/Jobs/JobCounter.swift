// How much a service has to do.

import SSMPClient
import SSMPTransport

/// The programs at work, as the load that callers choose by.
final class JobCounter: Sendable {
  private let running = Locked(0)
  private let load: SSMPClient.ServiceLoad
  private let limit: Int

  init(_ load: SSMPClient.ServiceLoad, _ limit: Int) {
    (self.load, self.limit) = (load, limit)
  }

  /// Notes that a program begins, or has ended.
  func change(by count: Int) {
    running.withLock {
      $0 += count
      load.value = Double($0) / Double(limit)
    }
  }
}
