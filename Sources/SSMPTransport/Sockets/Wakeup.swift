// Waking a loop from another thread.

import CEpoll
import Glibc

/// An eventfd by which any thread wakes the loop that watches it.
public struct Wakeup: Sendable {
  /// What the loop's poller watches, level-triggered.
  public let descriptor: Int32

  /// A wake-up that has not been signaled. It lives as long as the process.
  public init() throws(SystemError) {
    descriptor = try check("eventfd") { eventfd(0, ssmp_EFD_FLAGS) }
  }

  /// Wakes the loop.
  public func signal() {
    var one: UInt64 = 1
    _ = retrying { unsafe write(descriptor, &one, 8) }
  }

  /// Forgets the signals so far.
  public func clear() {
    var count: UInt64 = 0
    _ = retrying { unsafe read(descriptor, &count, 8) }
  }
}
