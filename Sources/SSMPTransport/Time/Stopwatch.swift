// Time, as fine as bounds on work need it.

/// Measures how long something takes, for bounds on the work of a turn.
public struct Stopwatch: Sendable {
  private var start: UInt64

  /// Begins now.
  public init() {
    start = MonotonicTime.nanoseconds()
  }

  /// The nanoseconds that have passed.
  public var nanoseconds: UInt64 { MonotonicTime.nanoseconds() - start }

  /// The microseconds that have passed.
  public var microseconds: UInt64 { nanoseconds / 1000 }

  /// The nanoseconds that have passed; from now on, those that pass from now on.
  public mutating func lap() -> UInt64 {
    let now = MonotonicTime.nanoseconds()
    defer { start = now }
    return now - start
  }
}
