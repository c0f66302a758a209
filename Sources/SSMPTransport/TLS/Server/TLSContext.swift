// What all connections of the server share in TLS.

import COpenSSL

/// The server's certificate and key, whom it trusts, and what it offers in a handshake. A reload makes a new one;
/// connections keep the one they came with until their handshake is over. Immutable, so it may be shared.
@safe
public final class TLSContext: @unchecked Sendable {
  /// Owned by this object, and by every connection that was made with it.
  let context: OpaquePointer
  /// Whose clients' certificates are trusted.
  public let trust: TrustStore
  /// What tells its authorities and revocation lists from others.
  public let origin: [UInt8]
  /// What tells sessions that can be resumed from others: 32 bytes.
  let sessionContext: [UInt8]
  let tickets: TicketKeys
  /// What it was made in. A thread that does not share it with another one is not slowed down by that one's handshakes.
  public let library: TLSLibrary

  /// Ephemeral keys and authenticated encryption only; the cheapest first, since all are strong.
  private static let ciphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK"
  private static let ciphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  /// P-521 is the last, and only for TLS 1.2, where it lets devices have such keys. It is cheaper than P-384.
  private static let groups = "X25519:P-256:P-384:P-521"
  /// What the server signs with: of keys and hashes with at least 112 bits of security.
  private static let signatures =
    "ECDSA+SHA256:ed25519:RSA-PSS+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
  /// What devices may sign with: two bytes of each handshake for each kind. A device whose kind is not among them shows no
  /// certificate at all.
  private static let clientSignatures =
    signatures + ":ECDSA+SHA512:ed448:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512"
  /// The most bytes of certificates that a peer may send: several times what a chain needs.
  private static let certificateBytes = 32 << 10

  /// A context for a server.
  ///
  /// - Parameters:
  ///   - chain: the server's certificate, and the authorities above it that clients may not know.
  ///   - origin: what tells sessions under these authorities and revocation lists from others. A session
  ///     that began under others is not resumed, since its certificate was verified against those.
  /// - Throws: when the key does not fit the certificate, or OpenSSL does not accept one of them.
  public init(
    chain: [Certificate], key: PrivateKey, trust: TrustStore, tickets: TicketKeys, origin: [UInt8],
    library: TLSLibrary = .common
  ) throws(TLSError) {
    ERR_clear_error()
    self.library = library
    // It fails where the library context lacks an algorithm that OpenSSL needs for itself.
    guard let made = unsafe SSL_CTX_new_ex(library.context, nil, TLS_server_method()) else { throw TLSError.take() }
    unsafe context = unsafe made
    self.trust = trust
    self.tickets = tickets
    self.origin = origin
    // A ticket that was made with shortcuts is none for a server that does without them, and the other way around.
    let ordinary: [UInt8] = library.shortcuts.contains(.records) ? [] : [0]
    sessionContext =
      unsafe Digest.sha256(withUnsafeBytes(of: SessionRecord.tag.littleEndian, Array.init) + origin + ordinary)
    try useCertificate(chain, key)
    guard unsafe ssmp_SSL_CTX_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1,
      unsafe SSL_CTX_set_cipher_list(context, Self.ciphers12) == 1,
      unsafe SSL_CTX_set_ciphersuites(context, Self.ciphers13) == 1,
      unsafe ssmp_SSL_CTX_set1_groups_list(context, Self.groups) == 1,
      unsafe ssmp_SSL_CTX_set1_sigalgs_list(context, Self.signatures) == 1,
      unsafe ssmp_SSL_CTX_set1_client_sigalgs_list(context, Self.clientSignatures) == 1
    else { throw TLSError.take() }
    unsafe SSL_CTX_set_options(
      context,
      ssmp_SSL_OP_NO_RENEGOTIATION | ssmp_SSL_OP_NO_COMPRESSION | ssmp_SSL_OP_CIPHER_SERVER_PREFERENCE
        | ssmp_SSL_OP_PRIORITIZE_CHACHA | ssmp_SSL_OP_IGNORE_UNEXPECTED_EOF)
    // Idle connections own no buffers, and a write may be retried from wherever the bytes are by then.
    let modes =
      SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
      | SSL_MODE_NO_AUTO_CHAIN
    _ = unsafe ssmp_SSL_CTX_set_mode(context, Int(modes))
    // Reading must end with each record, or a peer could keep it from ending.
    unsafe ssmp_SSL_CTX_clear_mode(context, Int(SSL_MODE_AUTO_RETRY))
    unsafe ssmp_SSL_CTX_set_read_ahead(context)
    unsafe ssmp_SSL_CTX_set_max_cert_list(context, Self.certificateBytes)
    verifyClients()
    resumeSessions()
  }

  deinit {
    unsafe SSL_CTX_free(context)
  }

  private func useCertificate(_ chain: [Certificate], _ key: PrivateKey) throws(TLSError) {
    var adopted: [Certificate] = []
    for certificate in chain { adopted.append(try certificate.adopted(by: library)) }
    let key = try key.adopted(by: library)
    // OpenSSL takes references of its own.
    let result: Result<Void, TLSError> = withExtendedLifetime((adopted, key)) {
      guard let own = adopted.first, unsafe SSL_CTX_use_certificate(context, own.x509) == 1 else {
        return .failure(.take("there is no certificate"))
      }
      for authority in adopted.dropFirst() where unsafe ssmp_SSL_CTX_add1_chain_cert(context, authority.x509) != 1 {
        return .failure(.take())
      }
      guard unsafe SSL_CTX_use_PrivateKey(context, key.key) == 1, unsafe SSL_CTX_check_private_key(context) == 1 else {
        return .failure(.take("the key does not fit the certificate"))
      }
      return .success(())
    }
    try result.get()
  }

  /// Asks clients for a certificate, and has `trust` verify it if there is one.
  private func verifyClients() {
    let names = unsafe allocated(ssmp_sk_X509_NAME_new())
    for authority in trust.authorities {
      _ = unsafe ssmp_sk_X509_NAME_append(names, X509_get_subject_name(authority.x509))
    }
    unsafe SSL_CTX_set_client_CA_list(context, names)
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    // By a context of our own: the chain that OpenSSL would keep for the life of the connection is four kilobytes.
    unsafe SSL_CTX_set_cert_verify_callback(
      context,
      { attempt, trust in
        guard let trust = unsafe trust else { return 0 }
        return unsafe TLSStream.verify(attempt, with: Unmanaged<TrustStore>.fromOpaque(trust).takeUnretainedValue())
      }, unsafe Unmanaged.passUnretained(trust).toOpaque())
  }

  /// Sessions are resumed by tickets only, so that they cost no memory and survive a restart.
  private func resumeSessions() {
    unsafe ssmp_SSL_CTX_set_session_cache_off(context)
    // None by itself: with TLS 1.3 the stream sends one when its handshake is over (`TLSStream.sendTicket`).
    unsafe SSL_CTX_set_num_tickets(context, 0)
    unsafe SSL_CTX_set_client_hello_cb(context, { ssl, _, _ in unsafe TLSStream.noteHello(ssl) }, nil)
    unsafe SSL_CTX_set_timeout(context, Int(TicketKeys.lifetime))
    unsafe SSL_CTX_set_session_id_context(context, sessionContext, UInt32(sessionContext.count))
    unsafe ssmp_SSL_CTX_set_ticket_key_callback(context) { ssl, name, iv, cipher, mac, isNew in
      unsafe TLSContext.prepareTicket(ssl, name, iv, cipher, mac, isNew: isNew == 1)
    }
    unsafe SSL_CTX_set_session_ticket_cb(
      context,
      { ssl, _ in unsafe TLSContext.completeTicket(ssl) },
      { _, session, _, _, status, trust in
        guard let trust = unsafe trust else { return SSL_TICKET_RETURN_ABORT }
        return unsafe TLSContext.judge(status, session, Unmanaged<TrustStore>.fromOpaque(trust).takeUnretainedValue())
      }, unsafe Unmanaged.passUnretained(trust).toOpaque())
  }
}
