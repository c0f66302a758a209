// When something is valid.

import COpenSSL

/// The time in which a certificate or a revocation list is valid, seen from now.
public struct Validity: Sendable, Equatable {
  /// The seconds until it begins, negative when it has begun.
  public let secondsUntilStart: Int
  /// The seconds until it ends, negative when it has ended; `nil` when it has no end.
  public let secondsUntilEnd: Int?

  /// True before its time.
  public var isEarly: Bool { secondsUntilStart > 0 }
  /// True after its time.
  public var hasExpired: Bool { (secondsUntilEnd ?? 0) < 0 }

  init(from start: UnsafePointer<ASN1_TIME>?, until end: UnsafePointer<ASN1_TIME>?) {
    secondsUntilStart = start.flatMap(Self.secondsUntil) ?? 0
    secondsUntilEnd = end.flatMap(Self.secondsUntil)
  }

  private static func secondsUntil(_ time: UnsafePointer<ASN1_TIME>) -> Int? {
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard ASN1_TIME_diff(&days, &seconds, nil, time) == 1 else { return nil }
    return Int(days) * 86400 + Int(seconds)
  }
}
