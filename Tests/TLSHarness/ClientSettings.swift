// How a client speaks TLS.

import COpenSSL

/// What decides about the connections of a client.
struct ClientSettings {
  let authority: TestCertificate?
  let certificate: TestCertificate?
  let chain: [TestCertificate]
  let minimum: Int32
  let maximum: Int32

  /// The name of the server, which is sent (SNI) and verified.
  static let serverName = "localhost"

  /// A new `SSL`, which is the caller's, on two memory BIOs that belong to it.
  func connection(session: TLSSession?) throws -> (ssl: OpaquePointer, input: OpaquePointer, output: OpaquePointer) {
    let context = try makeContext()
    defer { SSL_CTX_free(context) }
    let ssl = try required(SSL_new(context), "connection")
    do {
      try require(ssmp_SSL_set_host_name(ssl, Self.serverName), "server name")
      if authority != nil { try require(SSL_set1_host(ssl, Self.serverName), "server name") }
      try session?.offer(on: ssl)
      let input = try required(BIO_new(BIO_s_mem()), "input")
      let output = BIO_new(BIO_s_mem())
      // Both belong to the connection from here on, and a missing one makes the handshake fail.
      SSL_set_bio(ssl, input, output)
      SSL_set_connect_state(ssl)
      return (ssl, input, try required(output, "output"))
    } catch {
      SSL_free(ssl)
      throw error
    }
  }

  private func makeContext() throws -> OpaquePointer {
    let context = try required(SSL_CTX_new(TLS_client_method()), "context")
    do {
      try configure(context)
      return context
    } catch {
      SSL_CTX_free(context)
      throw error
    }
  }

  private func configure(_ context: OpaquePointer) throws {
    if minimum < TLS1_2_VERSION {
      // What old versions sign with is below any other level.
      SSL_CTX_set_security_level(context, 0)
      try require(SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0"), "ciphers")
    }
    try require(ssmp_SSL_CTX_set_versions(context, minimum, maximum), "versions")
    if let authority {
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
      try require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.x509), "authority")
    } else {
      SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    }
    if let certificate {
      try require(SSL_CTX_use_certificate(context, certificate.x509), "certificate")
      try require(SSL_CTX_use_PrivateKey(context, certificate.key), "private key")
    }
    for link in chain { try require(ssmp_SSL_CTX_add1_chain_cert(context, link.x509), "chain") }
  }
}
