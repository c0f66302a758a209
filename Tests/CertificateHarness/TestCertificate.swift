// Certificates made for a test, in memory.

import COpenSSL

/// A certificate together with its private key. Whatever is wrong with it is what its maker asked for.
public final class TestCertificate: @unchecked Sendable {
  /// OpenSSL's certificate, an `X509`; it lives as long as this object.
  public let x509: OpaquePointer
  /// OpenSSL's private key, an `EVP_PKEY`; it lives as long as this object.
  public let key: OpaquePointer
  /// The serial number; one that nobody chose is random and has 8 bytes.
  public let serial: UInt64
  /// The certificate as PEM.
  public let certificatePEM: String
  /// The private key as PEM (PKCS #8, not encrypted).
  public let keyPEM: String
  /// The certificate as DER.
  public let der: [UInt8]

  /// A certificate signed by `issuer`, or by itself when there is none.
  private init(_ options: CertificateOptions, serial: UInt64, issuer: TestCertificate?) throws {
    let key = try Self.makeKey(options.key)
    guard let x509 = X509_new() else {
      EVP_PKEY_free(key)
      throw TLSFailure.fromOpenSSL("certificate")
    }
    do {
      let builder = CertificateBuilder(certificate: x509, options: options)
      try builder.fill(serial: serial, key: key, issuer: issuer?.x509)
      try require(X509_sign(x509, issuer?.key ?? key, Self.digest(for: issuer?.key ?? key)), "signature")
      certificatePEM = try PEM.text("certificate") { PEM_write_bio_X509($0, x509) }
      keyPEM = try PEM.text("private key") { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
      der = try Self.encoded(x509)
    } catch {
      X509_free(x509)
      EVP_PKEY_free(key)
      throw error
    }
    (self.x509, self.key, self.serial) = (x509, key, serial)
  }

  deinit {
    X509_free(x509)
    EVP_PKEY_free(key)
  }

  /// A certificate that is signed with its own key.
  ///
  /// - Throws: `TLSFailure` when OpenSSL does not take the options.
  public static func selfSigned(_ options: CertificateOptions) throws -> TestCertificate {
    try TestCertificate(options, serial: randomSerial(), issuer: nil)
  }

  /// A root that may sign certificates and revocation lists.
  public static func authority(_ name: String) throws -> TestCertificate { try selfSigned(.authority(name)) }

  /// A certificate that is signed with the key of this one, whether or not this one is an authority.
  ///
  /// - Parameter serial: its serial number, if it matters.
  /// - Throws: `TLSFailure` when OpenSSL does not take the options.
  public func issue(_ options: CertificateOptions, serial: UInt64? = nil) throws -> TestCertificate {
    try TestCertificate(options, serial: serial ?? Self.randomSerial(), issuer: self)
  }

  /// An authority below this one.
  public func authority(_ name: String) throws -> TestCertificate { try issue(.authority(name)) }

  /// A certificate for a server at `localhost` and 127.0.0.1.
  public func server() throws -> TestCertificate { try issue(.server()) }

  /// A certificate for a device.
  public func device(_ name: String) throws -> TestCertificate { try issue(.device(name)) }

  private static func randomSerial() -> UInt64 { .random(in: 1 << 56..<1 << 63) }

  private static func makeKey(_ kind: CertificateOptions.Key) throws -> OpaquePointer {
    switch kind {
    case .p256: try required(ssmp_EVP_EC_key("P-256"), "key")
    case .p256Explicit: try explicitKey("P-256")
    case .p384: try required(ssmp_EVP_EC_key("P-384"), "key")
    case .p521: try required(ssmp_EVP_EC_key("P-521"), "key")
    case .p224: try required(ssmp_EVP_EC_key("P-224"), "key")
    case .secp256k1: try required(ssmp_EVP_EC_key("secp256k1"), "key")
    case .brainpool: try required(ssmp_EVP_EC_key("brainpoolP256r1"), "key")
    case .rsa1024: try required(ssmp_EVP_RSA_key(1024), "key")
    case .rsa2048: try required(ssmp_EVP_RSA_key(2048), "key")
    case .rsaPSS: try generate("RSA-PSS")
    case .ed25519: try generate("ED25519")
    case .ed448: try generate("ED448")
    case .sm2: try generate("SM2")
    }
  }

  private static func explicitKey(_ curve: String) throws -> OpaquePointer {
    let key = try required(ssmp_EVP_EC_key(curve), "key")
    do {
      try require(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), "key")
    } catch {
      EVP_PKEY_free(key)
      throw error
    }
    return key
  }

  private static func generate(_ name: String) throws -> OpaquePointer {
    let context = try required(EVP_PKEY_CTX_new_from_name(nil, name, nil), "key")
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    try require(EVP_PKEY_keygen_init(context), "key")
    try require(EVP_PKEY_generate(context, &key), "key")
    return try required(key, "key")
  }

  /// What a key signs with; some kinds bring their own.
  static func digest(for key: OpaquePointer) -> OpaquePointer? {
    switch EVP_PKEY_get_id(key) {
    case EVP_PKEY_ED25519, EVP_PKEY_ED448: nil
    case EVP_PKEY_SM2: EVP_sm3()
    default: EVP_sha256()
    }
  }

  private static func encoded(_ x509: OpaquePointer) throws -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(x509, &start)
    try require(count, "encoding")
    defer { CRYPTO_free(start, nil, 0) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }
}
