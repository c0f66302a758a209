// Moments as text.

import Glibc

/// A moment in UTC, to the millisecond, as logs and listings show it.
public struct Timestamp: Sendable {
  /// The date and the time (ISO 8601): `2026-11-27T08:15:00.250Z`.
  public let text: String

  /// The time of the day: `08:15:00.250Z`.
  public var timeOfDay: String { String(text.drop { $0 != "T" }.dropFirst()) }

  /// The time now, by the system's clock.
  public static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  /// A moment in seconds since 1970 and nanoseconds beyond them.
  public init(seconds: Int, nanoseconds: Int = 0) {
    var seconds = seconds
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let date = unsafe [parts.tm_mon + 1, parts.tm_mday].map { Self.digits($0, 2) }
    let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.digits($0, 2) }
    let year = unsafe parts.tm_year + 1900
    text =
      "\(year)-\(date.joined(separator: "-"))T\(time.joined(separator: ":"))"
      + ".\(Self.digits(Int32(nanoseconds / 1_000_000), 3))Z"
  }

  private static func digits(_ number: Int32, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
