// When something is valid.

import COpenSSL
import Glibc

/// The time in which a certificate or a revocation list is valid.
public struct Validity: Sendable, Equatable {
  /// When it begins, in seconds since 1970.
  private let start: Int
  /// When it ends, in seconds since 1970; `nil` when it has no end.
  public let end: Int?

  /// The seconds until it begins, negative when it has begun.
  public var secondsUntilStart: Int { start - Self.now }
  /// The seconds until it ends, negative when it has ended; `nil` when it has no end.
  public var secondsUntilEnd: Int? { end.map { $0 - Self.now } }

  /// True before its time.
  public var isEarly: Bool { secondsUntilStart > 0 }
  /// True after its time.
  public var hasExpired: Bool { (secondsUntilEnd ?? 0) < 0 }

  init(from start: UnsafePointer<ASN1_TIME>?, until end: UnsafePointer<ASN1_TIME>?) {
    self.start = unsafe start.flatMap(Self.seconds) ?? 0
    self.end = unsafe end.flatMap(Self.seconds)
  }

  /// A time in seconds since 1970.
  private static func seconds(_ time: UnsafePointer<ASN1_TIME>) -> Int? {
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
    defer { unsafe ASN1_TIME_free(epoch) }
    guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
    return Int(days) * 86400 + Int(seconds)
  }

  private static var now: Int { time(nil) }
}
