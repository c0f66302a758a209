// A value that several threads share, with its lock.

/// A value that is used under a lock of its own, by one thread at a time.
///
/// It is what `Synchronization.Mutex` is, on a lock that the thread sanitizer knows: of uses under a `Mutex` it thinks that
/// they race.
@safe
public struct Locked<Value>: ~Copyable, @unchecked Sendable {
  // Safe to share: `value` is initialized for as long as this lives, and touched under `lock` only.
  private let value: UnsafeMutablePointer<Value>
  private let lock = Lock()

  /// Shares `initial`.
  public init(_ initial: sending Value) {
    unsafe value = .allocate(capacity: 1)
    unsafe value.initialize(to: initial)
  }

  deinit {
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  /// Runs `body` with the value while no other thread does.
  @inline(__always)
  public borrowing func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try unsafe body(&value.pointee) }
  }
}
