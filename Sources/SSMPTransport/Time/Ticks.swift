// Time, as coarse as deadlines need it.

import Glibc

/// A moment, in milliseconds, on a clock that only goes forward and begins anew every 49 days.
///
/// Only differences mean anything, and only those below 24 days: no time-out is longer (`Duration` settings are checked).
public struct Ticks: BitwiseCopyable, Equatable, Sendable {
  /// Milliseconds, modulo 2³².
  public var milliseconds: UInt32

  /// The moment with this reading.
  public init(_ milliseconds: UInt32) {
    self.milliseconds = milliseconds
  }

  /// The time now, by the kernel's coarse monotonic clock, which is exact to a few milliseconds.
  public static func now() -> Ticks {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return Ticks(UInt32(truncatingIfNeeded: time.tv_sec &* 1000 &+ time.tv_nsec / 1_000_000))
  }

  /// Whole seconds on the same clock, for what may last for years.
  public static func seconds() -> UInt32 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt32(truncatingIfNeeded: time.tv_sec)
  }

  /// The milliseconds from `earlier` until this moment; 0 when `earlier` is in the future.
  public func since(_ earlier: Ticks) -> UInt32 {
    let difference = milliseconds &- earlier.milliseconds
    return difference < 1 << 31 ? difference : 0
  }

  /// The moment `milliseconds` before this one.
  public func before(_ milliseconds: UInt32) -> Ticks {
    Ticks(self.milliseconds &- milliseconds)
  }
}
