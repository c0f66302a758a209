// What all connections of a client share in TLS.

import COpenSSL

/// Which servers a client trusts, and the certificate that it presents. Immutable, so it may be shared.
@safe
public final class TLSClientContext: @unchecked Sendable {
  /// Owned by this object, and by every connection that was made with it.
  let context: OpaquePointer

  /// Which servers are trusted.
  public enum Trust: Sendable {
    /// Those whose certificate one of these authorities has signed.
    case authorities([Certificate])
    /// Those whose certificate an authority has signed that the system trusts (`SSL_CTX_set_default_verify_paths`).
    case system
    /// All: another host on the way can pose as the server, and read all.
    case anybody
  }

  /// A context for clients that trust these authorities, or all servers if there are none.
  public convenience init(
    authorities: [Certificate], chain: [Certificate] = [], key: PrivateKey? = nil
  ) throws(TLSError) {
    try self.init(authorities.isEmpty ? .anybody : .authorities(authorities), chain: chain, key: key)
  }

  /// A context for clients.
  ///
  /// - Parameters:
  ///   - trust: which servers are trusted.
  ///   - chain: the client's certificate, and the authorities above it that servers may not know; empty for none.
  ///   - key: the certificate's key.
  /// - Throws: when the key does not fit the certificate, or OpenSSL does not accept one of them.
  public init(_ trust: Trust, chain: [Certificate] = [], key: PrivateKey? = nil) throws(TLSError) {
    ERR_clear_error()
    unsafe context = unsafe allocated(SSL_CTX_new(TLS_client_method()))
    guard unsafe ssmp_SSL_CTX_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1 else { throw TLSError.take() }
    unsafe SSL_CTX_set_options(
      context,
      ssmp_SSL_OP_NO_RENEGOTIATION | ssmp_SSL_OP_NO_COMPRESSION | ssmp_SSL_OP_IGNORE_UNEXPECTED_EOF)
    // As on the server's side: idle connections own no buffers, and a write may be retried from elsewhere.
    let modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    _ = unsafe ssmp_SSL_CTX_set_mode(context, Int(modes))
    unsafe ssmp_SSL_CTX_clear_mode(context, Int(SSL_MODE_AUTO_RETRY))
    unsafe ssmp_SSL_CTX_set_read_ahead(context)
    unsafe ssmp_SSL_CTX_set_session_cache_off(context)
    try present(chain, key)
    switch trust {
    case .anybody: return
    case .system:
      guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else { throw TLSError.take() }
    case .authorities(let authorities):
      let store = unsafe SSL_CTX_get_cert_store(context)
      for authority in authorities where unsafe X509_STORE_add_cert(store, authority.x509) != 1 {
        throw TLSError.take()
      }
    }
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
  }

  deinit {
    unsafe SSL_CTX_free(context)
  }

  private func present(_ chain: [Certificate], _ key: PrivateKey?) throws(TLSError) {
    guard let own = chain.first else { return }
    guard let key else { throw TLSError("there is no key for the certificate") }
    guard unsafe SSL_CTX_use_certificate(context, own.x509) == 1 else { throw TLSError.take() }
    for authority in chain.dropFirst() where unsafe ssmp_SSL_CTX_add1_chain_cert(context, authority.x509) != 1 {
      throw TLSError.take()
    }
    guard unsafe SSL_CTX_use_PrivateKey(context, key.key) == 1, unsafe SSL_CTX_check_private_key(context) == 1 else {
      throw TLSError.take("the key does not fit the certificate")
    }
  }
}
