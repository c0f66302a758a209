// Time and CPU time, in nanoseconds.

import Glibc
import SSMPTransport

/// Readings of the kernel's clocks.
enum Clock {
  /// Time that only goes forward.
  @inline(__always) static func now() -> UInt64 { MonotonicTime.nanoseconds() }
  /// CPU time of this thread.
  static func thread() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }
  /// CPU time of this process.
  static func process() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
