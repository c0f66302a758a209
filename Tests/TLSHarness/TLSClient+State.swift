// What a TLS connection has become, and its turns beside the text.

import COpenSSL

extension TLSClient {
  /// Whether the server has said in TLS that it will send nothing more; known once that has been read.
  public var hasReceivedCloseNotify: Bool { SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

  /// Whether the handshake resumed a session.
  public var wasResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// The version of TLS: `TLSv1.3`.
  public var version: String { String(cString: SSL_get_version(ssl)) }

  /// OpenSSL's name of the cipher suite; empty before there is one.
  public var cipher: String {
    guard let cipher = SSL_get_current_cipher(ssl), let name = SSL_CIPHER_get_name(cipher) else { return "" }
    return String(cString: name)
  }

  /// A session to resume later; `nil` when the server has given none that can be.
  ///
  /// - Parameters:
  ///   - old: one that does not count: the session that is being resumed is there from the beginning.
  ///   - milliseconds: how long to wait for one; TLS 1.3 sends it after the handshake, whenever it likes.
  public func session(after old: TLSSession? = nil, within milliseconds: Int32 = TLSClient.patience) -> TLSSession? {
    let deadline = Deadline(milliseconds)
    while true {
      if let session = currentSession(), session.ticket != old?.ticket { return session }
      let left = deadline.remaining
      guard left > 0, !hasEnded else { return nil }
      // A ticket is no text, for which alone `fill` returns early.
      fill(min(left, 20))
    }
  }

  private func currentSession() -> TLSSession? {
    fill(0)
    return SSL_get_session(ssl).flatMap { TLSSession(copying: $0) }
  }

  /// Changes the keys, and asks the server to change its keys, too (TLS 1.3); false when that is not possible.
  @discardableResult
  public func requestKeyUpdate() -> Bool {
    ERR_clear_error()
    guard SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 else { return false }
    let result = SSL_do_handshake(ssl)
    flush()
    return result == 1
  }

  /// Asks for a new handshake and goes through it (TLS 1.2 or lower); false when the server refuses. OpenSSL's client
  /// gives the connection up then, and `failure` says so.
  public func renegotiate() -> Bool {
    ERR_clear_error()
    guard SSL_renegotiate(ssl) == 1 else { return false }
    do {
      try handshake()
      return SSL_renegotiate_pending(ssl) == 0
    } catch {
      return false
    }
  }

  /// Says in TLS that nothing more will be sent; TCP is told nothing.
  public func closeNotify() {
    ERR_clear_error()
    SSL_shutdown(ssl)
    flush()
  }
}
