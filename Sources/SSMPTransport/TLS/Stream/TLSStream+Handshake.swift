// Handshakes.

import COpenSSL

extension TLSStream {
  /// What a step of a handshake came to.
  public enum HandshakeStep: Sendable {
    /// It is over.
    case done
    /// The peer has to say more, or to take what it was said.
    case blocked
    /// It failed; what is to be said about that has been sent, as far as the kernel took it.
    case failed(HandshakeFailure)
  }

  /// Why a handshake has failed.
  public struct HandshakeFailure: Sendable, CustomStringConvertible {
    /// OpenSSL's words for it.
    public let description: String
    /// The subject of a certificate that was presented and did not verify; `nil` for any other failure.
    public let refused: String?
    /// True when a TLS client was there: it has said itself why it gave up, or offered nothing that the server speaks. What
    /// scanners of ports send is mostly no TLS at all.
    public let isFromClient: Bool
  }

  /// Goes on with the handshake as far as the bytes that have come allow.
  public func handshake() -> HandshakeStep {
    ERR_clear_error()
    let ssl = unsafe state.pointee.ssl
    let result = unsafe SSL_do_handshake(ssl)
    unsafe state.pointee.wantsOutput = false
    guard result != 1 else {
      establish()
      return .done
    }
    switch unsafe SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .blocked
    case SSL_ERROR_WANT_WRITE:
      unsafe state.pointee.wantsOutput = true
      return .blocked
    default: return .failed(failure())
    }
  }

  private func establish() {
    let ssl = unsafe state.pointee.ssl
    unsafe state.pointee.isEstablished = true
    unsafe state.pointee.isResumed = unsafe SSL_session_reused(ssl) == 1
    // What follows is about the certificates of clients, their sessions, and what a server need not keep of them.
    guard unsafe SSL_is_server(ssl) == 1 else { return }
    if unsafe state.pointee.isResumed {
      // Verified when the session began; its ticket has been judged.
      var record = unsafe SessionRecord(of: SSL_get_session(ssl))
      if let certificate = unsafe SSL_get0_peer_certificate(ssl) {
        record?.certificate = unsafe Certificate.der(of: certificate) ?? []
      }
      setRecord(record)
    } else if unsafe state.pointee.refusal != nil || SSL_get_verify_result(ssl) != Int(X509_V_OK) {
      // `SSL_VERIFY_PEER` ends handshakes whose certificate does not verify; this is one look more.
      setRecord(nil)
    }
    settle()
  }

  /// A client that asks for another handshake in the middle of a TLS 1.2 connection is refused that by OpenSSL, with an alert
  /// each time, as often as it asks. This ends the connection at the first time.
  func barRenegotiation() {
    unsafe SSL_set_info_callback(state.pointee.ssl) { ssl, place, value in
      guard place == SSL_CB_WRITE_ALERT, value & 0xff == SSL_AD_NO_RENEGOTIATION else { return }
      unsafe TLSStream(of: ssl)?.state.pointee.socket.isBarred = true
    }
  }

  /// Verifies the certificate that a peer presents, for OpenSSL, and remembers what it says.
  static func verify(_ attempt: OpaquePointer?, with trust: TrustStore) -> Int32 {
    let ssl = unsafe X509_STORE_CTX_get_ex_data(attempt, SSL_get_ex_data_X509_STORE_CTX_idx()).map { OpaquePointer($0) }
    guard let stream = unsafe TLSStream(of: ssl), let leaf = unsafe X509_STORE_CTX_get0_cert(attempt) else { return 0 }
    do throws(TrustStore.Refusal) {
      unsafe stream.setRecord(try trust.verify(leaf, X509_STORE_CTX_get0_untrusted(attempt)))
      unsafe X509_STORE_CTX_set_error(attempt, X509_V_OK)
      return 1
    } catch {
      unsafe stream.noteRefusal(error, of: leaf)
      unsafe X509_STORE_CTX_set_error(attempt, error.code)
      return 0
    }
  }

  private func noteRefusal(_ refusal: TrustStore.Refusal, of certificate: OpaquePointer) {
    forgetRefused()
    unsafe X509_up_ref(certificate)
    unsafe state.pointee.refused = unsafe .passRetained(Certificate(owning: certificate))
    unsafe state.pointee.refusal = refusal
  }

  private func failure() -> HandshakeFailure {
    let socket = unsafe state.pointee.socket
    if socket.error != 0 {
      ERR_clear_error()
      return HandshakeFailure(
        description: SystemError("socket", code: socket.error).reason, refused: nil, isFromClient: false)
    }
    if let refusal = unsafe state.pointee.refusal {
      ERR_clear_error()
      let subject = unsafe state.pointee.refused?.takeUnretainedValue().subject
      return HandshakeFailure(description: refusal.description, refused: subject ?? "-", isFromClient: true)
    }
    let code = ERR_peek_last_error()
    unsafe state.pointee.failureCode = code
    let isFromClient = Self.isFromClient(code)
    let reason = TLSError.take(socket.hasEnded ? "closed by the peer" : "unknown reason")
    // What is wrong after a certificate has verified is wrong with it: its key is of a kind that is not accepted, or is not
    // the client's.
    if code != 0, !isFromClient, let context, let certificate = certificate(in: context.library) {
      return HandshakeFailure(
        description: "\(reason); its key is of the kind \(certificate.keyKind)", refused: certificate.subject,
        isFromClient: true)
    }
    return HandshakeFailure(description: reason.description, refused: nil, isFromClient: isFromClient)
  }

  /// Whether what OpenSSL has noted speaks of a TLS client. The reason is the low 23 bits, and alerts that come are numbered
  /// from 1000 on (`ERR_GET_REASON`, `SSL_AD_REASON_OFFSET`).
  private static func isFromClient(_ code: UInt) -> Bool {
    let reason = Int32(truncatingIfNeeded: code & 0x7f_ffff)
    return (1000..<1256).contains(reason) || reason == SSL_R_NO_SHARED_CIPHER || reason == SSL_R_UNSUPPORTED_PROTOCOL
  }
}
