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
  }

  /// Goes on with the handshake as far as the bytes that have come allow.
  public func handshake() -> HandshakeStep {
    ERR_clear_error()
    let ssl = state.pointee.ssl
    let result = SSL_do_handshake(ssl)
    state.pointee.wantsOutput = false
    guard result != 1 else {
      establish()
      return .done
    }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .blocked
    case SSL_ERROR_WANT_WRITE:
      state.pointee.wantsOutput = true
      return .blocked
    default: return .failed(failure())
    }
  }

  private func establish() {
    let ssl = state.pointee.ssl
    state.pointee.isEstablished = true
    state.pointee.isResumed = SSL_session_reused(ssl) == 1
    // `SSL_VERIFY_PEER` ends handshakes whose certificate does not verify; this is one look more.
    if SSL_get_verify_result(ssl) == Int(X509_V_OK) { keepCertificate() }
    slim()
  }

  private func keepCertificate() {
    guard let certificate = SSL_get0_peer_certificate(state.pointee.ssl) else { return }
    X509_up_ref(certificate)
    state.pointee.presented = .passRetained(Certificate(owning: certificate))
    var der: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(certificate, &der)
    guard count > 0, let der else { return }
    state.pointee.certificate.append(UnsafeRawBufferPointer(start: der, count: Int(count)))
    CRYPTO_free(der, #fileID, #line)
  }

  private func failure() -> HandshakeFailure {
    let socket = state.pointee.socket
    if socket.error != 0 {
      ERR_clear_error()
      return HandshakeFailure(description: SystemError("socket", code: socket.error).reason, refused: nil)
    }
    let verified = Int32(SSL_get_verify_result(state.pointee.ssl))
    guard verified == X509_V_OK else {
      ERR_clear_error()
      return HandshakeFailure(description: TrustStore.Refusal(code: verified).description, refused: refusedSubject())
    }
    let reason = TLSError.take(socket.hasEnded ? "closed by the peer" : "unknown reason")
    return HandshakeFailure(description: reason.description, refused: nil)
  }

  private func refusedSubject() -> String {
    SSL_get0_peer_certificate(state.pointee.ssl).map { Certificate.text(X509_get_subject_name($0)) } ?? "-"
  }
}
