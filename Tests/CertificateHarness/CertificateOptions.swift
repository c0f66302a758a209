// What a test wants in a certificate.

/// The content of a certificate that is to be made.
public struct CertificateOptions: Sendable {
  /// The kind of key that a certificate is about.
  public enum Key: Sendable, CaseIterable {
    /// An elliptic curve key on P-256, signing with SHA-256.
    case p256
    /// The same curve, but spelled out in the key instead of named.
    case p256Explicit
    /// An elliptic curve key on P-384, signing with SHA-256.
    case p384
    /// An RSA key of 1024 or 2048 bits, signing with SHA-256.
    case rsa1024, rsa2048
    /// An RSA key of 2048 bits that signs with RSA-PSS only.
    case rsaPSS
    /// An Ed25519 or Ed448 key.
    case ed25519, ed448
    /// Elliptic curve keys on curves that TLS 1.3 has no signatures for, but for P-521, signing with SHA-256.
    case p521, p224, secp256k1, brainpool
    /// A key of the SM2 kind, which hardly anybody knows.
    case sm2
  }

  /// The common names of the subject, in order: UTF8String, or T61String where the bytes are not UTF-8. They may be empty
  /// and hold NUL.
  public var commonNames: [[UInt8]]
  /// The organization of the subject; it comes before the common names.
  public var organization: String?
  /// The subject alternative names, in order; without any there is no such extension.
  public var alternativeNames: [AlternativeName]
  /// When the certificate begins to be valid, in seconds from now.
  public var notBefore = -3600
  /// When it stops being valid, in seconds from now.
  public var notAfter = 90 * 86_400
  /// The key usage as OpenSSL's configuration has it (`critical,digitalSignature`); `nil` for no such extension.
  public var keyUsage: String?
  /// The extended key usage as OpenSSL's configuration has it (`clientAuth,serverAuth`); `nil` for no such extension.
  public var extendedKeyUsage: String?
  /// A critical extension that nobody knows.
  public var hasUnknownExtension = false
  /// Whether the basic constraints call it an authority.
  public var isAuthority = false
  /// The kind of its key.
  public var key = Key.p256

  /// A subject and nothing that restricts its use.
  public init(
    commonNames: [[UInt8]] = [], organization: String? = nil, alternativeNames: [AlternativeName] = []
  ) {
    self.commonNames = commonNames
    self.organization = organization
    self.alternativeNames = alternativeNames
  }

  /// An authority that may sign certificates and revocation lists.
  public static func authority(_ name: String) -> CertificateOptions {
    var options = CertificateOptions(commonNames: [Array(name.utf8)])
    options.isAuthority = true
    options.keyUsage = "critical,keyCertSign,cRLSign"
    return options
  }

  /// A server on this machine: `localhost` and 127.0.0.1.
  public static func server() -> CertificateOptions {
    let names: [AlternativeName] = [.dns("localhost"), .ip([127, 0, 0, 1])]
    var options = CertificateOptions(commonNames: [Array("localhost".utf8)], alternativeNames: names)
    options.keyUsage = "critical,digitalSignature"
    options.extendedKeyUsage = "serverAuth"
    return options
  }

  /// A device that has its name as its common name.
  public static func device(_ name: String) -> CertificateOptions {
    var options = CertificateOptions(commonNames: [Array(name.utf8)])
    options.keyUsage = "critical,digitalSignature"
    options.extendedKeyUsage = "clientAuth"
    return options
  }
}
