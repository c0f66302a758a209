// Tasks that wait.

/// A task that waits for a value, which it must be given once.
///
/// It is `UnsafeContinuation`, whose one danger is to be resumed twice, or never: in this module each has one owner, which forgets
/// it when it resumes it.
@safe
struct SuspendedTask<Value: Sendable>: Sendable {
  private let continuation: UnsafeContinuation<Value, Never>

  /// Has the task go on with `value`.
  func resume(returning value: Value) { unsafe continuation.resume(returning: value) }

  /// Waits until `body` has given the task to something that resumes it, and that has.
  @inline(__always)
  static func wait(
    isolation: isolated (any Actor)?, _ body: (SuspendedTask<Value>) -> Void
  ) async -> Value {
    await unsafe withUnsafeContinuation(isolation: isolation) { body(unsafe SuspendedTask($0)) }
  }

  private init(_ continuation: UnsafeContinuation<Value, Never>) {
    unsafe self.continuation = unsafe continuation
  }
}

extension SuspendedTask<Void> {
  /// Has the task go on.
  func resume() { resume(returning: ()) }
}
