// Bytes through TLS.

import COpenSSL

extension TLSStream {
  /// Reads what has come, up to `target.count` bytes: record after record until the socket is empty.
  ///
  /// `.wouldBlock` says only that there is no text now: there may be more records (`mayHaveMore`). Records without text, such as
  /// updates of keys, of which a peer can send any number, end a call with the 16 KiB that OpenSSL has read at once.
  public func receive(into target: UnsafeMutableRawBufferPointer) -> Transfer {
    var received = 0
    unsafe state.pointee.wantsOutput = false
    // More may have come since the last read from the socket, and the poller does not tell of it twice.
    unsafe state.pointee.socket.isDrained = false
    while received < target.count {
      ERR_clear_error()
      unsafe state.pointee.socket.isBlocked = false
      var count = 0
      let room = unsafe target.baseAddress.map { unsafe $0 + received }
      guard unsafe SSL_read_ex(state.pointee.ssl, room, target.count - received, &count) == 1 else {
        let end = stopped(0)
        // Otherwise OpenSSL has asked the socket, in vain.
        unsafe state.pointee.isBetweenRecords = end == .wouldBlock && !state.pointee.socket.isBlocked
        // What came before the end is served first; the end is found again.
        return received > 0 ? .bytes(received) : end
      }
      unsafe state.pointee.isBetweenRecords = false
      received += count
      if !mayHaveMore { break }
    }
    return .bytes(received)
  }

  /// True when there may be more to read, in OpenSSL's buffers or in the socket, the end included. The poller does not tell
  /// of it.
  public var mayHaveMore: Bool {
    if unsafe state.pointee.hasStopped { return true }
    // Something has to be sent first, and the poller tells when there is room for it.
    guard unsafe !state.pointee.wantsOutput else { return false }
    // Without a word of the socket's, what OpenSSL still has may be only a part of a record.
    guard unsafe !state.pointee.socket.isBlocked else { return false }
    // Behind a change of keys OpenSSL 3.5 has the rest where `SSL_has_pending` does not look.
    if unsafe state.pointee.isBetweenRecords { return true }
    return unsafe !state.pointee.socket.isDrained || SSL_has_pending(state.pointee.ssl) == 1
  }

  /// What must be sent first, and in full: the length of a write that has not been finished; 0 when there is none.
  public var unfinished: Int { unsafe state.pointee.offered }

  /// Sends `bytes`, at most `recordSize` of them, as one record. They are taken as a whole, or not at all, unless the client
  /// has asked for smaller records.
  ///
  /// After `.wouldBlock` the next bytes that are sent must begin with the same ones (`unfinished`).
  public func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    ERR_clear_error()
    var count = 0
    if unsafe SSL_write_ex(state.pointee.ssl, bytes.baseAddress, bytes.count, &count) == 1 {
      unsafe state.pointee.offered = 0
      return .bytes(count)
    }
    let result = stopped(0)
    if result == .wouldBlock { unsafe state.pointee.offered = bytes.count }
    return result
  }

  /// Tells the peer that nothing more will be sent. False when the kernel has no room for that now.
  public func endOutput() -> Bool {
    ERR_clear_error()
    guard unsafe state.pointee.isEstablished, unsafe !state.pointee.hasFailed, unsafe state.pointee.offered == 0 else {
      return true
    }
    // OpenSSL counts it as sent before the kernel has taken it.
    let isSent = unsafe SSL_get_shutdown(state.pointee.ssl) & SSL_SENT_SHUTDOWN != 0
    guard unsafe !isSent || state.pointee.isClosing else { return true }
    let result = unsafe SSL_shutdown(state.pointee.ssl)
    unsafe state.pointee.isClosing = result < 0 && stopped(result) == .wouldBlock
    return unsafe !state.pointee.isClosing
  }

  /// What it means that a call has returned `result`.
  private func stopped(_ result: Int32) -> Transfer {
    switch unsafe SSL_get_error(state.pointee.ssl, result) {
    case SSL_ERROR_WANT_READ: return .wouldBlock
    case SSL_ERROR_WANT_WRITE:
      unsafe state.pointee.wantsOutput = true
      return .wouldBlock
    case SSL_ERROR_ZERO_RETURN:
      unsafe state.pointee.hasStopped = true
      return .ended
    default:
      unsafe state.pointee.hasStopped = true
      unsafe state.pointee.hasFailed = true
      unsafe state.pointee.failureCode = ERR_peek_last_error()
      ERR_clear_error()
      return unsafe .failed(state.pointee.socket.error)
    }
  }
}
