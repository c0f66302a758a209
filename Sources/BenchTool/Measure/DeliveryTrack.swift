// Whether everything has come, once and in order.

/// What one recipient has of one sender: messages are numbered from 0, and the last 64 are remembered one by one.
struct DeliveryTrack: BitwiseCopyable {
  /// What a message is, by its number.
  enum Finding {
    /// The next one, or one behind a gap.
    case new
    /// One that should have come earlier.
    case late
    /// One that has come before.
    case duplicate
  }

  /// The number that comes next.
  private(set) var next: UInt32 = 0
  /// Numbers that were passed over and have not come.
  private(set) var missing: UInt32 = 0
  /// Bit `n`: the number `next - 1 - n` has come.
  private var seen: UInt64 = 0

  init() {}

  /// Notes a message.
  @inline(__always)
  mutating func note(_ counter: UInt32) -> Finding {
    guard counter == next else { return noteOther(counter) }
    next = (next &+ 1) & Stamp.counterMask
    seen = seen << 1 | 1
    return .new
  }

  @inline(never)
  private mutating func noteOther(_ counter: UInt32) -> Finding {
    let ahead = (counter &- next) & Stamp.counterMask
    if ahead < Stamp.counterMask / 2 {
      missing &+= ahead
      seen = ahead >= 63 ? 1 : seen << UInt64(ahead + 1) | 1
      next = (counter &+ 1) & Stamp.counterMask
      return .new
    }
    let behind = UInt64((next &- 1 &- counter) & Stamp.counterMask)
    if behind < 64 {
      guard seen >> behind & 1 == 0 else { return .duplicate }
      seen |= 1 << behind
    }
    // Farther back nothing is remembered: it may be what is missing, if anything is.
    guard missing > 0 else { return .duplicate }
    missing -= 1
    return .late
  }
}
