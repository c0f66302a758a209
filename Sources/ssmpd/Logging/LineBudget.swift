// How many lines of a kind may be written.

/// Lets a burst of lines through and then so many a second, and counts those in between: for lines of which each one matters,
/// and which anybody can bring about as often as they like.
struct LineBudget {
  /// The lines that are let through at once.
  static let burst: UInt32 = 20
  /// The lines that are let through for each second that passes.
  static let perSecond: UInt32 = 5

  private var left = burst
  /// The second that was the present one when a line was asked for last.
  private var second: UInt32 = 0
  private var suppressed = 0

  /// The number of lines that were held back since the last one, when another one may be written; else `nil`.
  ///
  /// - Parameter seconds: the time.
  mutating func take(seconds: UInt32) -> Int? {
    let passed = seconds &- second
    second = seconds
    // In so many seconds the budget is whole again.
    left = passed >= Self.burst / Self.perSecond ? Self.burst : min(Self.burst, left + passed * Self.perSecond)
    guard left > 0 else {
      suppressed += 1
      return nil
    }
    left -= 1
    defer { suppressed = 0 }
    return suppressed
  }

  /// True when lines were held back that none has told of.
  var isOwing: Bool { suppressed > 0 }

  /// The number of lines that were held back since the last one, when there are any, and none was asked for lately; else
  /// `nil`.
  ///
  /// - Parameter isEnd: there will be no later time.
  mutating func rest(seconds: UInt32, _ isEnd: Bool = false) -> Int? {
    guard suppressed > 0, isEnd || seconds &- second >= Self.burst / Self.perSecond else { return nil }
    defer { suppressed = 0 }
    return suppressed
  }
}
