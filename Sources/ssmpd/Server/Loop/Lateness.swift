// Time in which a loop should have run and did not.

import SSMPTransport

/// The clock of one loop's deadlines: it does not go on while the loop is kept from running.
///
/// A process can be stopped, its container frozen, its CPU quota used up, its machine suspended; or
/// a turn takes far too long. If deadlines passed in such a time, the server would close
/// connections that are not at fault.
struct Lateness {
  /// Shorter delays count as time, so that a loop that is late all the time has deadlines, too.
  static let least: UInt32 = 1000

  /// The clock's reading of the last time.
  private var last: Ticks
  /// The milliseconds that do not count.
  private var stalled: UInt32 = 0
  /// For how long the loop has meant to wait since that reading.
  private var allowance: UInt32 = 0

  init(_ reading: Ticks = .now()) {
    last = reading
  }

  /// The loop has waited since the last reading, for up to so many milliseconds; `nil` for ever.
  mutating func noteWait(_ limit: UInt32?) {
    allowance = limit ?? .max
  }

  /// The time now as deadlines see it. It never goes back.
  ///
  /// - Returns: also the milliseconds by which the loop is late, if that is at least `least`.
  mutating func read(_ reading: Ticks = .now()) -> (now: Ticks, late: UInt32?) {
    let passed = reading.since(last)
    let late = passed - min(passed, allowance)
    last = reading
    allowance = 0
    guard late >= Self.least else { return (reading.before(stalled), nil) }
    // The wait that the loop has planned ends, at best, when the first deadline passes. So up to a
    // second of it does not count either: connections that are late then have another second.
    stalled &+= late + min(passed - late, Self.least)
    return (reading.before(stalled), late)
  }
}
