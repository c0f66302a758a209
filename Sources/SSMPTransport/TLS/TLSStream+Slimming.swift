// What follows a handshake: a ticket, and giving back what an established connection need not keep.

import COpenSSL

extension TLSStream {
  /// Sends a client its ticket, and gives back what only the handshake needed: the session with the peer's certificate as
  /// OpenSSL holds it, and the copy of the server's certificates and settings. That is a quarter of the memory of an idle
  /// connection.
  ///
  /// OpenSSL has no call for that. But it lets a connection change its context and its session, and so all established
  /// connections share one context without certificates, and one session, empty but for the version and the cipher suite
  /// that are still looked at. (A connection's session can be changed only under a context for exactly its version.)
  ///
  /// A ticket is made of a session like that one, too. Of its own a connection would get the same, but to make one OpenSSL encodes
  /// the session and decodes it again, and with the client's certificate in it that is a sixth of the work of a handshake,
  /// and as much again when it is resumed.
  ///
  /// Where OpenSSL refuses, a connection keeps what it has; and so does one whose client has asked for small records, since
  /// their size is a property of the session.
  func settle() {
    let ssl = state.pointee.ssl
    guard let shared = slimmable, SSL_set_SSL_CTX(ssl, shared.context) == shared.context else {
      if isTicketDue { _ = sendTicket() }
      return ERR_clear_error()
    }
    if isTicketDue {
      // The session that has been resumed came out of such a ticket.
      if !isResumed, let session = shared.resumable(for: context) {
        SSL_set_session(ssl, session)
        SSL_SESSION_free(session)
      }
      guard sendTicket() else { return }
    }
    forgetIntermediates()
    guard SSL_set_session(ssl, shared.session) == 1 else { return ERR_clear_error() }
    // Nothing calls back into the server's own context any more.
    state.pointee.context?.release()
    state.pointee.context = nil
  }

  private var slimmable: SharedSession? {
    let ssl = state.pointee.ssl
    return SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl)) == 0 ? SharedSession.matching(ssl) : nil
  }

  private func forgetIntermediates() {
    guard var record, !record.intermediates.isEmpty else { return }
    record.intermediates = []
    setRecord(record)
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

  /// A session to make a ticket of, which is the caller's. What is secret in it OpenSSL puts there when it does.
  func resumable(for context: TLSContext?) -> OpaquePointer? {
    guard let context, let copy = SSL_SESSION_dup(session) else { return nil }
    SSL_SESSION_set1_id_context(copy, context.origin, UInt32(min(context.origin.count, Int(SSL_MAX_SID_CTX_LENGTH))))
    return copy
  }
}
