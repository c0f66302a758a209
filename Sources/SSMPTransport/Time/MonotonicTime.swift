// Time, as fine as the kernel has it.

import Glibc

/// A clock that only goes forward. Only differences of its readings mean anything.
public enum MonotonicTime {
  /// The time now, in nanoseconds.
  public static func nanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
