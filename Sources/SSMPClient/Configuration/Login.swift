// How a client says which one it is.

extension SSMPClient {
  /// The identifier that a client logs in under, and how it proves that it may (Login).
  public struct Login: Sendable {
    /// The identifier, by which others reach this client. With `ID.anonymous` it can publish and nothing else (Anonymous
    /// connections).
    public let id: ID
    /// The scheme, as the server knows it (Authentication schemes).
    public let scheme: ID
    /// What is proven with; `nil` if the request has none.
    public let credential: Credential?

    /// By the client certificate of `TLS`, in which the identifier must be the Common Name or an alternative name, or one of those
    /// with `/` and more behind it (Client certificate).
    public static func certificate(_ id: ID) -> Login { Login(id, scheme: "cert") }

    /// By a secret that the server knows (Shared secret). It is only safe over TLS.
    public static func secret(_ id: ID, _ credential: Credential) -> Login {
      Login(id, scheme: "secret", credential: credential)
    }

    /// By nothing (Open login).
    public static func open(_ id: ID) -> Login { Login(id, scheme: "open") }

    /// By any scheme of the server's (Other).
    public init(_ id: ID, scheme: ID, credential: Credential? = nil) {
      self.id = id
      self.scheme = scheme
      self.credential = credential
    }
  }
}
