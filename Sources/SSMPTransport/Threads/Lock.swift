// A lock for state that several loops share.

import Glibc

/// A mutual exclusion lock. It is held for microseconds and never across a system call.
///
/// Uncontended it costs a third of `Synchronization.Mutex` here, and its closures may use the caller's `inout` state.
@safe
public struct Lock: ~Copyable, @unchecked Sendable {
  // Safe to share: the mutex is only touched through pthread's own calls, and its address never
  // changes. `Monitor` waits with it.
  let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// An open lock.
  ///
  /// - Parameter spins: true to try for a moment before the thread is put to sleep (`PTHREAD_MUTEX_ADAPTIVE_NP`), where the lock is
  ///   often asked for by two threads at the same time.
  public init(spins: Bool = false) {
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    var attributes = pthread_mutexattr_t()
    unsafe pthread_mutexattr_init(&attributes)
    if spins { unsafe pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP)) }
    unsafe pthread_mutex_init(mutex, &attributes)
    unsafe pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Runs `body` while no other thread is inside this lock.
  @inline(__always)
  public func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try body()
  }
}
