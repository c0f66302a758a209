// The hand-over of a log: when a loop has to be woken, and when it may sleep.

/// The registry's side of the hand-over of a log: whether the loop that owns it has been told to take it.
///
/// Together with `TakeDuty`, the loop's side, it rules out that a loop sleeps while its log holds something. Another loop that
/// adds to a log whose signal is not set wakes the owner. The owner, once woken, must take the log before it sleeps. Taking the
/// log resets the signal in the same step of the registry. `HandoverTests` plays every interleaving.
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
