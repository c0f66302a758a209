// The memory that peers make a loop hold.

import SSMPCore
import SSMPTransport

/// How near all connections together are to `--max-total-pending`, and how much this loop has needed.
struct LoopMemory {
  /// How near they are, as senders are told.
  private(set) var pressure = Pressure.none
  private var watch = PressureWatch()
  /// The pending bytes of which the other loops know; nothing that can be is -1.
  var published = 0
  /// The connections that are stuck.
  var stuck = 0
  /// What has been needed since memory was given back last.
  var peaks = MemoryPeaks()

  /// Notes how near they were found to be now.
  mutating func note(_ found: Pressure, now: Ticks) {
    pressure = watch.note(found, now: now)
  }
}
