// A handshake before there are clients.

import COpenSSL

/// Why a handshake with a context fails, whatever the client.
public struct RehearsalFailure: Error, CustomStringConvertible, Sendable {
  /// True when it would not without its authorities; else it is the certificate or its key.
  public let isOfAuthorities: Bool
  /// What happens, and what would be accepted.
  public let description: String
}

extension TLSContext {
  /// Carries out a handshake in memory, by TLS 1.2 and by TLS 1.3, with a client that knows all that OpenSSL knows and trusts
  /// anybody: what fails with that one fails with every client. It takes a few milliseconds, and neither socket nor file.
  public func rehearse() throws(RehearsalFailure) {
    for (version, name) in [(TLS1_2_VERSION, "TLS 1.2"), (TLS1_3_VERSION, "TLS 1.3")] {
      guard let reason = failure(of: version) else { continue }
      guard failure(of: version, namingAuthorities: false) == nil else {
        throw RehearsalFailure(
          isOfAuthorities: false, description: "no client of \(name) would get in: \(explanation(of: reason))")
      }
      let bytes = trust.authorities.reduce(0) { $0 + $1.nameLength + 2 }
      throw RehearsalFailure(
        isOfAuthorities: true,
        description:
          "no client of \(name) would get in: each handshake names all \(trust.authorities.count) authorities, and "
          + "fails (\(reason)); their names have \(bytes) bytes, give fewer, or shorter ones: 65535 at most")
    }
  }

  /// What is wrong with the certificate, as far as it can be seen: its key is of another kind than those that clients know,
  /// or it is not to be used so.
  private func explanation(of reason: String) -> String {
    let kind = unsafe PrivateKey.kind(of: SSL_CTX_get0_privatekey(context))
    guard kind.hasPrefix("RSA ") || Self.serverKeys.contains(kind) else {
      return "its key is of the kind \(kind), and the handshake fails (\(reason)); "
        + "give one that is RSA, ECDSA on P-256 or P-384, or Ed25519"
    }
    let usage = unsafe X509_get_key_usage(SSL_CTX_get0_certificate(context))
    return "the handshake fails (\(reason))"
      + (usage & UInt32(KU_DIGITAL_SIGNATURE) == 0
        ? "; the key usage of its certificate lacks digitalSignature" : "")
  }

  /// The kinds of keys that servers can have, beside RSA of any size.
  private static let serverKeys: Set<String> = ["EC prime256v1", "EC secp384r1", "ED25519"]

  /// Why a handshake fails; `nil` when it does not.
  private func failure(of version: Int32, namingAuthorities: Bool = true) -> String? {
    ERR_clear_error()
    defer { ERR_clear_error() }
    let clients = unsafe allocated(SSL_CTX_new(TLS_client_method()))
    defer { unsafe SSL_CTX_free(clients) }
    guard unsafe ssmp_SSL_CTX_set_versions(clients, version, version) == 1 else { return nil }
    // What OpenSSL's configuration forbids to clients on this machine, and what it takes for weak, others may do.
    unsafe SSL_CTX_set_security_level(clients, 0)
    _ = unsafe SSL_CTX_set_cipher_list(clients, "ALL")
    _ = unsafe ssmp_SSL_CTX_set1_sigalgs_list(clients, Self.everySignature)
    _ = unsafe ssmp_SSL_CTX_set1_groups_list(clients, "X25519:P-256:P-384:P-521")
    ERR_clear_error()
    let client = unsafe allocated(SSL_new(clients))
    defer { unsafe SSL_free(client) }
    let stream = TLSStream(-1, self)
    defer { stream.release() }
    let server = unsafe stream.state.pointee.ssl
    if !namingAuthorities { unsafe SSL_set_client_CA_list(server, allocated(ssmp_sk_X509_NAME_new())) }
    unsafe connect(client, server)
    return unsafe Self.shakeHands(client, stream)
  }

  /// Lets each read what the other one writes.
  private func connect(_ client: OpaquePointer, _ server: OpaquePointer) {
    let (toServer, toClient) = unsafe (allocated(BIO_new(BIO_s_mem())), allocated(BIO_new(BIO_s_mem())))
    // Each side takes over a reference to both.
    unsafe BIO_up_ref(toServer)
    unsafe BIO_up_ref(toClient)
    unsafe SSL_set_bio(server, toServer, toClient)
    unsafe SSL_set_bio(client, toClient, toServer)
    unsafe SSL_set_connect_state(client)
  }

  private static func shakeHands(_ client: OpaquePointer, _ stream: TLSStream) -> String? {
    var isDone = false
    // A full handshake takes two rounds.
    for _ in 0..<8 {
      ERR_clear_error()
      let result = unsafe SSL_do_handshake(client)
      if result != 1, unsafe SSL_get_error(client, result) != SSL_ERROR_WANT_READ { return TLSError.take().description }
      if isDone, result == 1 { return nil }
      switch stream.handshake() {
      case .done: isDone = true
      case .blocked: break
      case .failed(let failure): return failure.description
      }
      if isDone, result == 1 { return nil }
    }
    return "it does not end"
  }

  private static let everySignature =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    + "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
}

extension Certificate {
  /// The bytes of its subject in DER.
  fileprivate var nameLength: Int { unsafe Int(i2d_X509_NAME(X509_get_subject_name(x509), nil)) }
}
