// The session ticket of a TLS 1.3 connection.

import COpenSSL

extension TLSStream {
  /// True when the handshake that is over is to be followed by a ticket. (Before TLS 1.3 tickets were a part of the
  /// handshake.) Who has resumed a session gets another one, too: clients should use each only once (RFC 8446, appendix C.4).
  var isTicketDue: Bool {
    unsafe state.pointee.takesTickets && SSL_version(state.pointee.ssl) == TLS1_3_VERSION && hasRoomForTicket
  }

  /// True when tickets are made of an empty session, with a record of the client (`TLSShortcuts.records`).
  var usesRecords: Bool { context?.library.shortcuts.contains(.records) ?? false }

  /// False when the kernel may have no room for a ticket: OpenSSL could neither read nor send anything else until it had gone
  /// out. Who does not take what it is sent has no need of a ticket.
  private var hasRoomForTicket: Bool {
    unsafe !state.pointee.wantsOutput && Socket.unsent(state.pointee.socket.descriptor) < Self.littleUnsent
  }

  /// In bytes: a fraction of the smallest buffer that the kernel gives a connection by default.
  private static let littleUnsent = 4 << 10

  /// Sends a ticket by which the client can resume the session. False when that is not over: the connection is broken, or the
  /// kernel has not taken all of a ticket with a very large certificate. The next read finds it out, or goes on with it.
  func sendTicket() -> Bool {
    ERR_clear_error()
    defer { ERR_clear_error() }
    let ssl = unsafe state.pointee.ssl
    guard unsafe SSL_new_session_ticket(ssl) == 1 else { return true }
    let result = unsafe SSL_do_handshake(ssl)
    let error = unsafe SSL_get_error(ssl, result)
    unsafe state.pointee.wantsOutput = result != 1 && error == SSL_ERROR_WANT_WRITE
    if error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL { unsafe state.pointee.hasFailed = true }
    return result == 1
  }

  /// Notes, when a client's first message has come, whether it can use tickets at all (RFC 8446, section 4.2.9).
  static func noteHello(_ ssl: OpaquePointer?) -> Int32 {
    guard let stream = unsafe TLSStream(of: ssl) else { return SSL_CLIENT_HELLO_ERROR }
    var modes: UnsafePointer<UInt8>?
    var count = 0
    let isThere = unsafe SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_psk_kex_modes), &modes, &count) == 1
    unsafe stream.state.pointee.takesTickets = isThere
    return SSL_CLIENT_HELLO_SUCCESS
  }
}
