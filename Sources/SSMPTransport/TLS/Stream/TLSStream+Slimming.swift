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
  /// Where OpenSSL refuses, or a ticket is still on its way, a connection keeps what it has; and so does one whose client has
  /// asked for small records, since their size is a property of the session.
  ///
  /// Both are shortcuts (`TLSShortcuts.slimming`, `.records`). Without them a ticket is made of the connection's own session,
  /// and the connection keeps that session and its context to its end.
  func settle() {
    let ssl = unsafe state.pointee.ssl
    let isDue = isTicketDue
    guard let shared = slimmable else {
      if isDue { _ = sendTicket() }
      return ERR_clear_error()
    }
    // Of the connection's own session, and so before anything of the connection changes.
    if isDue, !usesRecords, !sendTicket() { return }
    guard unsafe SSL_set_SSL_CTX(ssl, shared.context) == shared.context else {
      if isDue, usesRecords { _ = sendTicket() }
      return ERR_clear_error()
    }
    if isDue, usesRecords {
      // The session that has been resumed came out of such a ticket.
      if !isResumed, let session = unsafe shared.resumable(for: context) {
        unsafe SSL_set_session(ssl, session)
        unsafe SSL_SESSION_free(session)
      }
      guard sendTicket() else { return }
    }
    forgetIntermediates()
    guard unsafe SSL_set_session(ssl, shared.session) == 1 else { return ERR_clear_error() }
    // Nothing calls back into the server's own context any more.
    unsafe state.pointee.context?.release()
    unsafe state.pointee.context = nil
  }

  /// What the connection is moved to; `nil` when it keeps what it has.
  private var slimmable: SharedSession? {
    let ssl = unsafe state.pointee.ssl
    guard let context, context.library.shortcuts.contains(.slimming),
      unsafe SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl)) == 0
    else { return nil }
    return unsafe context.library.sharedSessions.matching(ssl, in: context.library)
  }

  private func forgetIntermediates() {
    guard var record, !record.intermediates.isEmpty else { return }
    record.intermediates = []
    setRecord(record)
  }
}
