// How connections are secured.

extension SSMPClient {
  /// Which servers a client trusts over TLS, and the certificate that it presents.
  ///
  /// The files are read for each connection, so that renewed ones are used at the next. The server's certificate must be valid for
  /// the host name or the IP address that the client connects to. TLS 1.2 and 1.3 are spoken.
  public struct TLS: Hashable, Sendable {
    /// Which authorities are trusted.
    enum Trust: Hashable, Sendable {
      case system
      case file(String)
      case anybody
    }

    let trust: Trust
    let certificate: String?
    let key: String?

    /// Trusts the authorities in a file.
    ///
    /// - Parameters:
    ///   - authorities: a PEM file with the authorities of servers that are trusted; `nil` for those that the system trusts.
    ///   - certificate: a PEM file with the client's certificate, and those of authorities above it that the server does not know;
    ///     `nil` to present none.
    ///   - key: a PEM file with the certificate's key, without a passphrase; `nil` if it is in `certificate`'s file.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
      self.init(authorities.map { .file($0) } ?? .system, certificate, key)
    }

    /// Trusts any server: another host on the way can pose as the server, and read all. For experiments.
    public static func trustingAnybody(certificate: String? = nil, key: String? = nil) -> TLS {
      TLS(.anybody, certificate, key)
    }

    private init(_ trust: Trust, _ certificate: String?, _ key: String?) {
      self.trust = trust
      self.certificate = certificate
      self.key = key ?? certificate
    }
  }
}
