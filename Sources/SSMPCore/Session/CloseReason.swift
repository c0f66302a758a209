// Why connections are closed: one closed set for logs, counters, listings and tests.

/// Why a connection was closed. The names are stable: operators write rules on them.
public enum CloseReason: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// The client sent CLOSE.
  case closeRequest
  /// The client shut its side down, after all it had sent was served.
  case peerClosed
  /// The connection broke.
  case connectionLost
  /// Data that breaks the grammar; 400.
  case badRequest
  /// The first request was not LOGIN; 400.
  case loginExpected
  /// The login was refused; 401.
  case unauthorized
  /// No login came in time; over TLS that includes the handshake.
  case loginTimeout
  /// The TLS handshake failed: what came was no TLS, or none that the server speaks.
  case handshakeFailed
  /// The client presented a certificate that does not verify.
  case certificateRefused
  /// A revocation list that came into force revokes the client's certificate.
  case certificateRevoked
  /// The authorities that came into force do not vouch for the client's certificate.
  case certificateUntrusted
  /// A later login took the identifier over.
  case displaced
  /// No PONG, nor any other request, came in time after a PING.
  case pongTimeout
  /// The client did not read: nothing could be written for too long.
  case writeTimeout
  /// The client did not read: more output was pending than one connection may have.
  case pendingLimit
  /// The client did not read: the server's pending output was over its limit, and this connection had the most.
  case totalPendingLimit
  /// The server had as many connections as it may.
  case connectionLimit
  /// The address had as many connections as it may.
  case addressLimit
  /// The address had as many connections that have not logged in as it may.
  case waitingLimit
  /// No descriptor, or no memory in the kernel, was left for the connection.
  case descriptorLimit
  /// The address has had too many failed logins of late.
  case loginThrottled
  /// The access rules that came into force take a right away that the client uses.
  case accessRevoked
  /// An operator closed it.
  case operatorRequest
  /// The server is going down.
  case shutdown

  /// The reason's name in logs and counters.
  public var name: StaticString {
    switch self {
    case .closeRequest: "close-request"
    case .peerClosed: "peer-closed"
    case .connectionLost: "connection-lost"
    case .badRequest: "bad-request"
    case .loginExpected: "login-expected"
    case .unauthorized: "unauthorized"
    case .loginTimeout: "login-timeout"
    case .handshakeFailed: "handshake-failed"
    case .certificateRefused: "certificate-refused"
    case .certificateRevoked: "certificate-revoked"
    case .certificateUntrusted: "certificate-untrusted"
    case .displaced: "displaced"
    case .pongTimeout: "pong-timeout"
    case .writeTimeout: "write-timeout"
    case .pendingLimit: "pending-limit"
    case .totalPendingLimit: "total-pending-limit"
    case .connectionLimit: "connection-limit"
    case .addressLimit: "address-limit"
    case .waitingLimit: "waiting-limit"
    case .descriptorLimit: "descriptor-limit"
    case .loginThrottled: "login-throttled"
    case .accessRevoked: "access-revoked"
    case .operatorRequest: "operator-request"
    case .shutdown: "shutdown"
    }
  }
}
