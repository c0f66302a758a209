// Waiting for what another thread has to say.

/// One value, which one thread gives and another waits for.
public final class Handover<Value: Sendable>: Sendable {
  private let given = Monitor<Value?>(nil)

  /// Nothing has been given yet.
  public init() {}

  /// Gives the value; the first one counts.
  public func give(_ value: Value) {
    given.withLock { if $0 == nil { $0 = value } }
  }

  /// Waits for the value, however long that takes.
  public func wait() -> Value {
    while true { if let value = given.wait(until: { $0 }) { return value } }
  }

  /// Waits for the value; `nil` when it has not been given in time.
  public func wait(milliseconds: UInt32) -> Value? {
    given.wait(milliseconds: milliseconds) { $0 }
  }
}
