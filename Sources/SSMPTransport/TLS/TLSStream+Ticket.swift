// The session ticket of a TLS 1.3 connection, which can wait.

import COpenSSL

extension TLSStream {
  /// True when the handshake is over and the client is still to be sent its ticket. Until then the connection keeps what its
  /// handshake needed.
  public var awaitsTicket: Bool { state.pointee.awaitsTicket }

  /// Sends the ticket by which a client can resume its session.
  ///
  /// OpenSSL encodes the whole session for it, and decodes that again to have a copy, with the client's certificate: a sixth of
  /// the work of a handshake. So it is for when there is nothing else to do.
  public func sendTicket() {
    guard state.pointee.awaitsTicket else { return }
    state.pointee.awaitsTicket = false
    ERR_clear_error()
    let ssl = state.pointee.ssl
    if mayTakeTicket, SSL_new_session_ticket(ssl) == 1, SSL_do_handshake(ssl) != 1 {
      // The connection is broken, which the next read finds out.
      return ERR_clear_error()
    }
    forgetHandshake()
    ERR_clear_error()
  }

  /// Not between the two halves of a record. And not when the kernel may have no room for all of it: OpenSSL could neither
  /// read nor send anything else until it had gone out. Who does not take what it is sent has no need of a ticket.
  private var mayTakeTicket: Bool {
    state.pointee.offered == 0 && !state.pointee.hasStopped && !state.pointee.isClosing && !state.pointee.wantsOutput
      && Socket.unsent(state.pointee.socket.descriptor) < Self.littleUnsent
  }

  /// In bytes: a fraction of the smallest buffer that the kernel gives a connection by default.
  private static let littleUnsent = 4 << 10

  /// Notes, when a client's first message has come, whether it can use tickets at all (RFC 8446, section 4.2.9).
  static func noteHello(_ ssl: OpaquePointer?) -> Int32 {
    guard let raw = SSL_get_ex_data(ssl, stateIndex) else { return SSL_CLIENT_HELLO_ERROR }
    var modes: UnsafePointer<UInt8>?
    var count = 0
    let isThere = SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_psk_kex_modes), &modes, &count) == 1
    raw.assumingMemoryBound(to: State.self).pointee.takesTickets = isThere
    return SSL_CLIENT_HELLO_SUCCESS
  }
}
