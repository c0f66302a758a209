// Whose client certificates are trusted.

import COpenSSL

/// The authorities and revocation lists that client certificates are verified against, in handshakes and, when a reload
/// has brought new ones, once more for those who are connected. Immutable, so it may be shared.
///
/// Every certificate of the authorities' file is an anchor, a root or not.
@safe
public final class TrustStore: @unchecked Sendable {
  /// Why a certificate does not verify.
  public struct Refusal: Error, BitwiseCopyable, Sendable, CustomStringConvertible {
    let code: Int32
    /// OpenSSL's words for it.
    public var description: String { unsafe String(cString: X509_verify_cert_error_string(Int(code))) }
    /// True when a revocation list names the certificate, or an authority above it.
    public var isRevocation: Bool { code == X509_V_ERR_CERT_REVOKED }
  }

  private let library: TLSLibrary
  private let store: OpaquePointer
  let authorities: [Certificate]
  let intermediates: IntermediatePool
  private let copies: IntermediateCopies
  private let revocations: RevocationCheck

  /// - Parameters:
  ///   - intermediates: where authorities that clients send are remembered, since a session that is resumed does not have
  ///     them.
  ///   - library: what certificates are verified in; not by two threads at once, if they are not to slow each other down.
  public init(
    authorities: [Certificate], lists: [RevocationList], intermediates: IntermediatePool, library: TLSLibrary = .common
  ) throws(TLSError) {
    var adopted: [Certificate] = []
    for authority in authorities { adopted.append(try authority.adopted(by: library)) }
    self.library = library
    unsafe store = unsafe allocated(X509_STORE_new())
    self.authorities = adopted
    self.intermediates = intermediates
    // Here, where nobody waits for it: for what comes later the loops have to decode it themselves.
    copies = IntermediateCopies(of: intermediates, in: library)
    revocations = RevocationCheck(lists)
    for authority in adopted { unsafe X509_STORE_add_cert(store, authority.x509) }
  }

  deinit {
    unsafe X509_STORE_free(store)
  }

  /// Verifies the certificate of a client that was verified before, perhaps against others; time is left out: who was in
  /// time when it connected stays.
  public func verifyAgain(_ certificate: Certificate) throws(Refusal) {
    let chain = unsafe copies.stack()
    defer { unsafe ssmp_sk_X509_free(chain) }
    _ = try unsafe verify(certificate.x509, chain, ignoringTime: true)
  }

  /// Verifies the certificate that a client has presented in a handshake, and returns what there is to know of it.
  ///
  /// - Parameter chain: what the client has sent with it.
  func verify(
    _ leaf: OpaquePointer?, _ chain: OpaquePointer?, ignoringTime: Bool = false
  ) throws(Refusal) -> SessionRecord {
    let context = unsafe allocated(X509_STORE_CTX_new_ex(library.context, nil))
    defer {
      unsafe X509_STORE_CTX_free(context)
      ERR_clear_error()
    }
    guard unsafe X509_STORE_CTX_init(context, store, leaf, chain) == 1 else {
      throw Refusal(code: X509_V_ERR_OUT_OF_MEM)
    }
    unsafe X509_STORE_CTX_set_default(context, "ssl_client")
    let parameters = unsafe X509_STORE_CTX_get0_param(context)
    // 112 bits of security: RSA of 2,048 bits, SHA-2.
    unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN)
    if ignoringTime { flags |= UInt(X509_V_FLAG_NO_CHECK_TIME) }
    unsafe X509_VERIFY_PARAM_set_flags(parameters, flags)
    guard unsafe X509_verify_cert(context) == 1 else {
      let code = unsafe X509_STORE_CTX_get_error(context)
      throw Refusal(code: code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code)
    }
    let verified = unsafe X509_STORE_CTX_get0_chain(context)
    try unsafe revocations.check(verified)
    let record = unsafe SessionRecord(verified)
    for authority in record.intermediates { intermediates.remember(authority) }
    return record
  }
}
