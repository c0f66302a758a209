// Time, as fine as bounds on work need it.

import Glibc

/// Measures how long something takes, for bounds on the work of a turn.
public struct Stopwatch: Sendable {
  private var start: UInt64

  /// Begins now.
  public init() {
    start = Self.reading()
  }

  /// The nanoseconds that have passed.
  public var nanoseconds: UInt64 { Self.reading() - start }

  /// The microseconds that have passed.
  public var microseconds: UInt64 { nanoseconds / 1000 }

  /// The nanoseconds that have passed; from now on, those that pass from now on.
  public mutating func lap() -> UInt64 {
    let now = Self.reading()
    defer { start = now }
    return now - start
  }

  private static func reading() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
