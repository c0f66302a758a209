// What an established connection need not keep.

import COpenSSL

extension TLSStream {
  /// Gives back what only the handshake needed: the session with the peer's certificate as OpenSSL holds it, and the copy
  /// of the server's certificates and settings. That is a quarter of the memory of an idle connection.
  ///
  /// OpenSSL has no call for that. But it lets a connection change its context and its session, and so all established
  /// connections share one context without certificates, and one session, empty but for the version and the cipher suite
  /// that are still looked at. (A connection's session can be changed only under a context for exactly its version.)
  /// Where OpenSSL refuses, a connection keeps what it has; and so does one whose client has asked for small records, since
  /// their size is a property of the session.
  func slim() {
    let ssl = state.pointee.ssl
    guard SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl)) == 0 else { return }
    guard let shared = SharedSession.matching(ssl) else { return }
    guard SSL_set_SSL_CTX(ssl, shared.context) == shared.context, SSL_set_session(ssl, shared.session) == 1 else {
      return ERR_clear_error()
    }
    // Nothing calls back into the server's own context any more.
    state.pointee.context?.release()
    state.pointee.context = nil
  }
}

/// A context and a session for all established connections of one version and cipher suite.
private struct SharedSession {
  let context: OpaquePointer
  let session: OpaquePointer

  private static let lock = Lock()
  // Guarded by `lock`. There are as many as there are cipher suites that the server offers.
  private nonisolated(unsafe) static var all: [UInt32: SharedSession] = [:]

  /// The one for this connection; `nil` when it cannot be made.
  static func matching(_ ssl: OpaquePointer) -> SharedSession? {
    guard let cipher = SSL_get_current_cipher(ssl) else { return nil }
    let version = UInt32(SSL_version(ssl))
    let key = version << 16 | UInt32(SSL_CIPHER_get_protocol_id(cipher))
    return lock.withLock {
      if let known = all[key] { return known }
      guard let made = make(ssl, cipher) else { return nil }
      all[key] = made
      return made
    }
  }

  private static func make(_ ssl: OpaquePointer, _ cipher: OpaquePointer) -> SharedSession? {
    guard let context = SSL_CTX_new(SSL_get_ssl_method(ssl)), let session = SSL_SESSION_new() else { return nil }
    guard SSL_SESSION_set_protocol_version(session, SSL_version(ssl)) == 1,
      SSL_SESSION_set_cipher(session, cipher) == 1
    else { return nil }
    return SharedSession(context: context, session: session)
  }
}
