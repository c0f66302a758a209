// Why a login was refused.

/// Why a LOGIN was answered with 401: for the log, never for the client. The names are stable.
public enum LoginRefusal: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// The listener does not offer the scheme, or there is no such scheme.
  case scheme
  /// The secret is not the right one.
  case secret
  /// The client's certificate does not name the identifier.
  case name
  /// The client has shown no certificate: it has none, or the key of its certificate does not fit
  /// what the server accepts.
  case noCertificate
  /// The client that holds the identity logged in by a certificate, and this LOGIN is by another
  /// scheme.
  case held
  /// The login is authentic, and the access rules do not allow it.
  case access

  /// The reason's name in logs.
  public var label: StaticString {
    switch self {
    case .scheme: "scheme-not-offered"
    case .secret: "wrong-secret"
    case .name: "name-not-proven"
    case .noCertificate: "no-certificate"
    case .held: "name-held"
    case .access: "not-allowed"
    }
  }
}
