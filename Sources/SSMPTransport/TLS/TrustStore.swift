// Whose client certificates are trusted.

import COpenSSL

/// The authorities and revocation lists that client certificates are verified against, in handshakes and, when a reload
/// has brought new ones, once more for those who are connected. Immutable, so it may be shared.
///
/// Every certificate of the authorities' file is an anchor, a root or not. With revocation lists, the certificate of a
/// client has to be on none, and there has to be one of its issuer's; for the authorities above it lists are used as far
/// as they are there. A list that has expired goes on revoking what it lists, and keeps nobody out otherwise.
public final class TrustStore: @unchecked Sendable {
  /// Why a certificate does not verify.
  public struct Refusal: Error, BitwiseCopyable, Sendable, CustomStringConvertible {
    let code: Int32
    /// OpenSSL's words for it.
    public var description: String { String(cString: X509_verify_cert_error_string(Int(code))) }
    /// True when a revocation list names the certificate, or an authority above it.
    public var isRevocation: Bool { code == X509_V_ERR_CERT_REVOKED }
  }

  private let store: OpaquePointer
  let authorities: [Certificate]
  private let intermediates: IntermediatePool
  private let hasLists: Bool

  /// - Parameter intermediates: where authorities that clients send are remembered, since a session that is resumed does
  ///   not have them.
  public init(authorities: [Certificate], lists: [RevocationList], intermediates: IntermediatePool) {
    store = allocated(X509_STORE_new())
    self.authorities = authorities
    self.intermediates = intermediates
    hasLists = !lists.isEmpty
    for authority in authorities { X509_STORE_add_cert(store, authority.x509) }
    for list in lists { X509_STORE_add_crl(store, list.crl) }
  }

  deinit {
    X509_STORE_free(store)
  }

  /// Verifies the certificate of a client that was verified before, perhaps against others; time is left out: who was in
  /// time when it connected stays.
  public func verifyAgain(_ certificate: Certificate) throws(Refusal) {
    let chain = intermediates.stack()
    defer { ssmp_sk_X509_free(chain) }
    try verify(certificate.x509, chain, ignoringTime: true)
  }

  /// Verifies the certificate that a client has presented in a handshake.
  ///
  /// - Parameter chain: what the client has sent with it.
  func verify(_ leaf: OpaquePointer?, _ chain: OpaquePointer?, ignoringTime: Bool = false) throws(Refusal) {
    let context = allocated(X509_STORE_CTX_new())
    defer { X509_STORE_CTX_free(context) }
    guard X509_STORE_CTX_init(context, store, leaf, chain) == 1 else { throw Refusal(code: X509_V_ERR_OUT_OF_MEM) }
    X509_STORE_CTX_set_default(context, "ssl_client")
    let parameters = X509_STORE_CTX_get0_param(context)
    // 112 bits of security: RSA of 2,048 bits, SHA-2.
    X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN)
    if hasLists { flags |= UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) }
    if ignoringTime { flags |= UInt(X509_V_FLAG_NO_CHECK_TIME) }
    X509_VERIFY_PARAM_set_flags(parameters, flags)
    X509_STORE_CTX_set_verify_cb(context) { accepted, context in
      accepted == 1 || TrustStore.isTolerable(context) ? 1 : 0
    }
    defer { ERR_clear_error() }
    guard X509_verify_cert(context) == 1 else {
      let code = X509_STORE_CTX_get_error(context)
      throw Refusal(code: code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code)
    }
    intermediates.remember(X509_STORE_CTX_get0_chain(context))
  }

  private static func isTolerable(_ context: OpaquePointer?) -> Bool {
    switch X509_STORE_CTX_get_error(context) {
    case X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID: true
    case X509_V_ERR_UNABLE_TO_GET_CRL: X509_STORE_CTX_get_error_depth(context) > 0
    default: false
    }
  }
}

/// Authorities between clients' certificates and the anchors, as clients have sent them and as they have verified.
///
/// It is bounded: beyond that many the oldest makes room.
public final class IntermediatePool: @unchecked Sendable {
  private static let limit = 32

  private let lock = Lock()
  // Guarded by `lock`.
  private var certificates: [Certificate] = []
  private var oldest = 0

  /// An empty pool.
  public init() {}

  /// Remembers the authorities of a chain that has verified, its anchor left out.
  func remember(_ chain: OpaquePointer?) {
    let count = ssmp_sk_X509_count(chain)
    guard count > 2 else { return }
    lock.withLock {
      for index in 1..<count - 1 {
        guard let x509 = ssmp_sk_X509_at(chain, index) else { continue }
        guard !certificates.contains(where: { X509_cmp($0.x509, x509) == 0 }) else { continue }
        X509_up_ref(x509)
        add(Certificate(owning: x509))
      }
    }
  }

  /// A stack of all that are remembered, which belongs to the caller.
  func stack() -> OpaquePointer {
    let stack = allocated(ssmp_sk_X509_new())
    lock.withLock {
      for certificate in certificates { _ = ssmp_sk_X509_append(stack, certificate.x509) }
    }
    return stack
  }

  private func add(_ certificate: Certificate) {
    guard certificates.count == Self.limit else { return certificates.append(certificate) }
    certificates[oldest] = certificate
    oldest = (oldest + 1) % Self.limit
  }
}
