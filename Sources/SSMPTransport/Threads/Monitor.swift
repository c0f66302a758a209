// A value that threads share, and whose changes they may wait for.

import Glibc

/// A value that is used under a lock of its own, and a way to wait until it is as it should be.
@safe
public struct Monitor<Value>: ~Copyable, @unchecked Sendable {
  // Safe to share: `value` is initialized for as long as this lives and touched under `lock` only;
  // `condition` is only touched through pthread's own calls, and its address never changes.
  private let value: UnsafeMutablePointer<Value>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private let lock = Lock()

  /// Shares `initial`.
  public init(_ initial: sending Value) {
    unsafe value = .allocate(capacity: 1)
    unsafe value.initialize(to: initial)
    unsafe condition = .allocate(capacity: 1)
    unsafe condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe condition.deallocate()
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  /// Runs `body` with the value while no other thread uses it, and has those who wait look at it again.
  public borrowing func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock {
      // Without anybody who waits it is no system call.
      defer { unsafe pthread_cond_broadcast(condition) }
      return try unsafe body(&value.pointee)
    }
  }

  /// Waits until `body` returns something, which it is asked for now and after each change.
  ///
  /// - Parameter milliseconds: the longest wait; `nil` means for ever.
  /// - Returns: what `body` has returned; `nil` when the time is up.
  public borrowing func wait<Result>(milliseconds: UInt32? = nil, until body: (inout Value) -> Result?) -> Result? {
    var end = timespec()
    if let milliseconds {
      unsafe clock_gettime(CLOCK_MONOTONIC, &end)
      end.tv_nsec += Int(milliseconds % 1000) * 1_000_000
      end.tv_sec += Int(milliseconds / 1000) + end.tv_nsec / 1_000_000_000
      end.tv_nsec %= 1_000_000_000
    }
    return lock.withLock {
      while true {
        if let result = unsafe body(&value.pointee) {
          unsafe pthread_cond_broadcast(condition)
          return result
        }
        if milliseconds == nil {
          unsafe pthread_cond_wait(condition, lock.mutex)
        } else if unsafe pthread_cond_timedwait(condition, lock.mutex, &end) == ETIMEDOUT {
          return unsafe body(&value.pointee)
        }
      }
    }
  }
}
