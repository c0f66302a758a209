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
}
