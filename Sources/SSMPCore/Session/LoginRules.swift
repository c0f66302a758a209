// The rules that decide whether a LOGIN is authentic.

/// What the server needs to tell whether a LOGIN is authentic. A new secret replaces it as a whole.
public struct LoginRules: Sendable {
  /// The shared secret, if there is one.
  public var secret: Secret?

  /// Rules with this secret, or without one.
  public init(secret: Secret? = nil) {
    self.secret = secret
  }

  /// The scheme by which a LOGIN succeeds, or `nil` (Login).
  ///
  /// - Parameter session: that of the connection, with the schemes of its listener and what its certificate proves.
  func scheme(of request: Request, _ bytes: RawSpan, _ session: Session) -> Scheme? {
    guard let scheme = Scheme(bytes, request.scheme), session.schemes.offers(scheme) else { return nil }
    switch scheme {
    case .open: return scheme
    case .secret: return secret?.matches(bytes, request.credential) == true ? scheme : nil
    case .cert: return session.isProven ? scheme : nil
    }
  }

  /// Why `scheme(of:_:_:)` is `nil`.
  func refusal(of request: Request, _ bytes: RawSpan, _ session: Session) -> LoginRefusal {
    guard let scheme = Scheme(bytes, request.scheme), session.schemes.offers(scheme) else { return .scheme }
    guard scheme == .cert else { return .secret }
    return session.hasCertificate ? .name : .noCertificate
  }
}
