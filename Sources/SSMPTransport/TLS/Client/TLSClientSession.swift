// What a client keeps of a connection to come back sooner.

import COpenSSL

/// A TLS session of a client's, with which it can connect to the same server again without a full handshake.
///
/// With TLS 1.3 each should be used for one connection only, since whoever watches could otherwise tell that two connections
/// are the same client's (RFC 8446, appendix C.4); the new connection brings another session. It is immutable, so it may be
/// shared.
@safe
public final class TLSClientSession: @unchecked Sendable {
  /// Owned by this object.
  let session: OpaquePointer

  fileprivate init(owning session: OpaquePointer) {
    unsafe self.session = unsafe session
  }

  deinit {
    unsafe SSL_SESSION_free(session)
  }
}

extension TLSStream {
  /// The client's session as the server has last given it: in TLS 1.3 with a ticket, which comes behind the handshake and is
  /// there once what the server has said behind it was read. `nil` when there is none that could be resumed.
  public var clientSession: TLSClientSession? {
    guard let session = unsafe SSL_get1_session(state.pointee.ssl) else { return nil }
    let owner = unsafe TLSClientSession(owning: session)
    return unsafe SSL_SESSION_is_resumable(session) == 1 ? owner : nil
  }
}
