// A certificate, read from a file or received from a peer.

import COpenSSL

/// An X.509 certificate. Immutable, so it may be shared.
@safe
public final class Certificate: @unchecked Sendable {
  /// Owned by this object.
  let x509: OpaquePointer

  /// Takes over a reference.
  init(owning x509: OpaquePointer) {
    unsafe self.x509 = unsafe x509
  }

  /// The certificate in `der`, or `nil` when there is none.
  public init?(der: UnsafeRawBufferPointer, in library: TLSLibrary = .common) {
    var next = unsafe der.baseAddress?.assumingMemoryBound(to: UInt8.self)
    // OpenSSL frees it when there is no certificate.
    var made = unsafe X509_new_ex(library.context, nil)
    guard let x509 = unsafe d2i_X509(&made, &next, der.count) else {
      ERR_clear_error()
      return nil
    }
    unsafe self.x509 = unsafe x509
  }

  /// The same certificate in another library context; itself in the common one, where files are read.
  ///
  /// - Throws: when its key is of a kind that is not known there.
  func adopted(by library: TLSLibrary) throws(TLSError) -> Certificate {
    guard unsafe library.context != nil else { return self }
    let copy = unsafe Self.der(of: x509)?.withUnsafeBytes { unsafe Certificate(der: $0, in: library) }
    guard let copy, unsafe X509_get0_pubkey(copy.x509) != nil else {
      throw TLSError("the key of \(subject) is neither RSA, ECDSA, Ed25519 nor Ed448")
    }
    return copy
  }

  deinit {
    unsafe X509_free(x509)
  }

  /// All certificates in a file in PEM form, at least one.
  ///
  /// - Parameter isAllowed: whether a block of another kind may be in the file, by its label.
  public static func parse(
    pem: [UInt8], beside isAllowed: (String) -> Bool
  ) throws(TLSError) -> [Certificate] {
    try unsafe PEM.readAll(pem, of: "certificate", labels: labels, beside: isAllowed) {
      unsafe PEM_read_bio_X509($0, nil, nil, nil).map(Certificate.init(owning:))
    }
  }

  /// All certificates in a file in PEM form, at least one; what else is in it does not matter.
  public static func parse(pem: [UInt8]) throws(TLSError) -> [Certificate] { try parse(pem: pem) { _ in true } }

  /// What blocks with a certificate are called. Not `TRUSTED CERTIFICATE`, which has settings of OpenSSL's in it.
  public static let labels: Set<String> = ["CERTIFICATE", "X509 CERTIFICATE"]

  /// The subject, in one line, for messages.
  public var subject: String { unsafe Self.text(X509_get_subject_name(x509)) }

  /// The names of its subject.
  public var names: SubjectNames { unsafe SubjectNames(of: x509) }

  /// The kind of its key, as `EC secp521r1`, for messages.
  public var keyKind: String { unsafe PrivateKey.kind(of: X509_get0_pubkey(x509)) }

  /// The bits of security of its key; 0 when it has none that is known.
  public var keyStrength: Int { unsafe X509_get0_pubkey(x509).map { unsafe Int(EVP_PKEY_get_security_bits($0)) } ?? 0 }

  /// The time in which it is valid.
  public var validity: Validity {
    unsafe Validity(from: X509_get0_notBefore(x509), until: X509_get0_notAfter(x509))
  }

  /// The DER of a certificate, or `nil` when it has none.
  static func der(of x509: OpaquePointer) -> [UInt8]? {
    var der: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_X509(x509, &der)
    guard count > 0, let der = unsafe der else { return nil }
    defer { unsafe CRYPTO_free(der, #fileID, #line) }
    return unsafe Array(UnsafeBufferPointer(start: der, count: Int(count)))
  }

  /// The DER of a certificate's public key and its kind, or `nil` when it has none.
  static func publicKey(of x509: OpaquePointer) -> [UInt8]? {
    var der: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der)
    guard count > 0, let der = unsafe der else { return nil }
    defer { unsafe CRYPTO_free(der, #fileID, #line) }
    return unsafe Array(UnsafeBufferPointer(start: der, count: Int(count)))
  }

  /// A distinguished name in one line (RFC 2253), other characters than printable ASCII escaped.
  static func text(_ name: OpaquePointer?) -> String {
    let bio = unsafe allocated(BIO_new(BIO_s_mem()))
    defer { unsafe BIO_free(bio) }
    unsafe X509_NAME_print_ex(bio, name, 0, UInt(ssmp_XN_FLAG_RFC2253))
    var start: UnsafePointer<CChar>?
    let count = unsafe ssmp_BIO_content(bio, &start)
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
