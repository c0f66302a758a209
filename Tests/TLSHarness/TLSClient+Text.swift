// The plain text that goes through a connection.

import COpenSSL

extension TLSClient {
  /// Sends a text, encrypted.
  public func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends bytes, encrypted, unless the connection has failed or nothing is taken for too long.
  public func send(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, failure == nil else { return }
    let deadline = Deadline(Self.patience)
    while true {
      ERR_clear_error()
      let result = SSL_write(ssl, bytes, Int32(bytes.count))
      if result > 0 { return flush() }
      // A handshake has to go on first.
      guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else {
        _ = fail("send")
        return
      }
      flush()
      guard case .bytes(let more) = receive(within: deadline.remaining) else { return }
      feed(more)
    }
  }

  /// Reads some more text; false when none came in time, or the connection has ended. What TLS itself has to say is
  /// answered on the way.
  @discardableResult
  public func fill(_ milliseconds: Int32) -> Bool {
    if decrypt() { return true }
    let deadline = Deadline(milliseconds)
    while !hasEnded {
      switch receive(within: deadline.remaining) {
      case .nothing: return false
      case .end: hasEnded = true
      case .bytes(let bytes):
        feed(bytes)
        if decrypt() { return true }
      }
    }
    return false
  }

  /// Whether there was text in what has come.
  private func decrypt() -> Bool {
    guard hasBegun, failure == nil else { return false }
    var piece = [UInt8](repeating: 0, count: 16_384)
    var found = false
    while true {
      ERR_clear_error()
      let count = SSL_read(ssl, &piece, Int32(piece.count))
      if count <= 0 {
        let error = SSL_get_error(ssl, count)
        if error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL { _ = fail("read") }
        break
      }
      received.append(piece[..<Int(count)])
      found = true
    }
    flush()
    return found
  }
}
