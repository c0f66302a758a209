// What one connection may say when.

/// The state of one connection's conversation, and the rules that follow from it (Login; Anonymous connections).
///
/// It holds no name and does no I/O: the registry asks it what to do with each request, and carries that out.
public struct Session: BitwiseCopyable, Sendable {
  /// How far a connection has come.
  public enum Phase: UInt8, BitwiseCopyable, Sendable {
    /// Nothing but LOGIN is accepted.
    case awaitingLogin
    /// Logged in under an identifier, or anonymously.
    case loggedIn
    /// The server is done with this connection; whatever still comes is not read.
    case ended
  }

  private enum Evidence: UInt8, BitwiseCopyable, Sendable {
    /// No certificate was shown.
    case none
    /// It does not name the identifier.
    case otherName
    case proof
  }

  /// What is to be done with a request.
  enum Verdict {
    /// Carry it out.
    case serve
    /// Answer with this code; the connection stays open.
    case refuse(ReplyCode)
    /// Answer with this code and close for this reason.
    case end(ReplyCode, CloseReason)
  }

  /// How far the connection has come.
  public internal(set) var phase = Phase.awaitingLogin
  /// True after `LOGIN .` (Anonymous connections).
  public internal(set) var isAnonymous = false
  /// The scheme of the LOGIN that succeeded; `nil` before.
  public internal(set) var scheme: Scheme?
  /// Why its LOGIN was refused; `nil` when it was not.
  public internal(set) var refusal: LoginRefusal?
  /// What the connection's certificate says of the LOGIN that is about to be served. One byte, since there are a million.
  private var evidence = Evidence.none
  /// True when the certificate proves the identifier.
  var isProven: Bool { evidence == .proof }
  /// True when the connection has shown a certificate.
  var hasCertificate: Bool { evidence != .none }
  /// How its lines end.
  public var framing: Framing
  /// The schemes that its listener offers.
  public let schemes: SchemeSet

  /// A new connection to a listener that offers `schemes`; `strict` turns line mode off.
  public init(schemes: SchemeSet, strict: Bool) {
    self.schemes = schemes
    framing = strict ? .exact : .undecided
  }

  /// Notes whether the names of the connection's certificate prove the identifier of its LOGIN (Client certificate). To be
  /// called before the first requests of a connection with a certificate are served.
  public mutating func present(_ names: CertificateNames, for batch: borrowing RequestBatch, _ bytes: RawSpan) {
    guard phase == .awaitingLogin, batch.count > 0, batch[0].verb == .login else { return }
    evidence = names.prove(bytes, batch[0].id) ? .proof : .otherName
  }

  /// Notes that the connection is over, so that nothing more of it is served.
  public mutating func end() {
    phase = .ended
  }

  /// What is to be done with a request that the grammar allows.
  @inline(__always) func verdict(on verb: Verb) -> Verdict {
    guard phase == .loggedIn else { return verb == .login ? .serve : .end(.badRequest, .loginExpected) }
    switch verb {
    case .login: return .refuse(.notAllowed)
    case .unknown: return .refuse(.notImplemented)
    case .subscribe, .unsubscribe, .bcast: return isAnonymous ? .refuse(.notAllowed) : .serve
    case .close, .ping, .pong, .ucast, .mcast: return .serve
    }
  }
}
