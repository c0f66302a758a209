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

  /// True when something has occurred that no line has told of.
  var isOwing: Bool { suppressed > 0 }

  /// The number of occurrences since the last line, when there are any, and that line is an interval ago; else `nil`.
  ///
  /// - Parameter isEnd: there will be no later time.
  mutating func rest(_ now: Ticks, _ isEnd: Bool = false) -> Int? {
    guard let last, suppressed > 0, isEnd || now.milliseconds &- last.milliseconds >= Tuning.logInterval else {
      return nil
    }
    self.last = now
    defer { suppressed = 0 }
    return suppressed
  }
}
