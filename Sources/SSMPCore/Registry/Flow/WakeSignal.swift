// The hand-over of a log: when a loop has to be woken, and when it may sleep.

/// The registry's side of the hand-over of a log: whether the loop that owns the log has been told
/// to take it.
///
/// The loop's side is `TakeDuty`. Together they ensure that no loop sleeps while its log holds
/// something. If another loop adds to a log and the signal of the log is not set, it wakes the
/// owner. Once woken, the owner must take the log before it sleeps. The step of the registry that
/// takes the log also resets the signal. `HandoverTests` plays every interleaving.
public struct WakeSignal: BitwiseCopyable, Hashable, Sendable {
  /// True from the first addition by another loop until the log is taken.
  public private(set) var isSet = false

  /// A signal that is not set.
  public init() {}

  /// Something was added to the log. Returns true when the caller has to wake the loop.
  ///
  /// - Parameter byOwner: true when the loop itself has added it, which then looks at its log without being told.
  @inline(__always) public mutating func added(byOwner: Bool) -> Bool {
    guard !byOwner, !isSet else { return false }
    isSet = true
    return true
  }

  /// The loop has taken the log.
  public mutating func taken() {
    isSet = false
  }
}

/// The loop's side of the hand-over of its log: whether it must take the log before it may sleep.
public struct TakeDuty: BitwiseCopyable, Hashable, Sendable {
  /// True when the loop must not sleep before it has taken its log.
  public private(set) var isDue = false

  /// A loop that has nothing to take.
  public init() {}

  /// Another loop has woken this one. The log may be taken many turns later: what other loops add until then wakes nobody.
  @inline(__always) public mutating func woken() {
    isDue = true
  }

  /// A step of the registry on this loop has left something in its own log.
  @inline(__always) public mutating func noted(isEmpty: Bool) {
    if !isEmpty { isDue = true }
  }

  /// The log is being taken. What the same step adds to the new one is noted after it.
  @inline(__always) public mutating func taken() {
    isDue = false
  }
}
