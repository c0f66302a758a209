// Messages that could repeat without end.

import SSMPTransport

/// Lets one line through per interval, and counts those in between.
struct RepeatedMessage {
  private var last: Ticks?
  private var suppressed = 0

  /// The number of occurrences since the last line, this one included, when a line is due; else `nil`.
  mutating func occur(now: Ticks) -> Int? {
    suppressed += 1
    // Not `since`, which is good for 24 days only: the last time may be longer ago.
    if let last, now.milliseconds &- last.milliseconds < Tuning.logInterval { return nil }
    last = now
    defer { suppressed = 0 }
    return suppressed
  }
}
