// An allowance of waiting time.

/// An allowance of 100 milliseconds that waiting uses up and that recovers slowly: two bytes in the record of a connection.
///
/// It is kept as the moment at which nothing of it will be missing any more, in units of 16 milliseconds, so nothing has to
/// be done as time passes. That clock begins anew every 17 minutes: about once in a hundred such
/// times a part of a complete allowance seems to be missing for a moment, which is harmless.
public struct Patience: BitwiseCopyable, Sendable {
  private var completeAt: UInt16 = 0

  /// The allowance, in milliseconds, when nothing of it has been used.
  public static let limit: UInt32 = 100
  private static let unit: UInt32 = 16
  /// A moment that is further away than any use brings about has passed long ago.
  private static let longest: UInt16 = 512

  /// A complete allowance.
  ///
  /// - Parameter now: the time, in whose past nothing was used.
  public init(now: Ticks = Ticks(0)) {
    completeAt = Self.units(now)
  }

  /// The milliseconds that are left; none or less after a wait that took longer.
  ///
  /// - Parameter recovery: how many milliseconds bring one back, up to 20.
  public func left(now: Ticks, recovery: UInt32) -> Int {
    Int(Self.limit) - Int(UInt32(missing(now)) * Self.unit / recovery)
  }

  /// Uses up some of it, and not more than there ever is at once beyond what is left.
  public mutating func spend(_ milliseconds: UInt32, now: Ticks, recovery: UInt32) {
    let units = (min(milliseconds, 2 * Self.limit) * recovery + Self.unit - 1) / Self.unit
    completeAt = Self.units(now) &+ min(missing(now) + UInt16(units), Self.longest - 1)
  }

  /// The units of time until the allowance is complete.
  private func missing(_ now: Ticks) -> UInt16 {
    let difference = completeAt &- Self.units(now)
    return difference < Self.longest ? difference : 0
  }

  private static func units(_ time: Ticks) -> UInt16 {
    UInt16(truncatingIfNeeded: time.milliseconds / unit)
  }
}
