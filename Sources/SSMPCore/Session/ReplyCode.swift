// The response codes.

/// The code of a response (Response codes).
public enum ReplyCode: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  case ok, badRequest, unauthorized, notFound, notAllowed, conflict, notImplemented

  /// The three digits.
  public var digits: StaticString {
    switch self {
    case .ok: "200"
    case .badRequest: "400"
    case .unauthorized: "401"
    case .notFound: "404"
    case .notAllowed: "405"
    case .conflict: "409"
    case .notImplemented: "501"
    }
  }

  /// The response as it is sent: three digits and LF, in the order in which they stand in memory.
  var line: UInt32 {
    let text: UInt32 =
      switch self {
      case .ok: 0x3230_300a
      case .badRequest: 0x3430_300a
      case .unauthorized: 0x3430_310a
      case .notFound: 0x3430_340a
      case .notAllowed: 0x3430_350a
      case .conflict: 0x3430_390a
      case .notImplemented: 0x3530_310a
      }
    return text.bigEndian
  }
}
