// What a client keeps of one connection for the next.

import COpenSSL

/// A session that can be resumed, independent of the connection that it comes from.
public final class TLSSession: @unchecked Sendable {
  private let session: OpaquePointer

  /// A copy: OpenSSL spoils a session whose connection ends badly.
  init?(copying original: OpaquePointer) {
    guard SSL_SESSION_is_resumable(original) == 1, let copy = SSL_SESSION_dup(original) else { return nil }
    session = copy
  }

  deinit {
    SSL_SESSION_free(session)
  }

  /// Lets a new connection offer the session.
  func offer(on ssl: OpaquePointer) throws {
    let copy = try required(SSL_SESSION_dup(session), "session")
    defer { SSL_SESSION_free(copy) }
    try require(SSL_set_session(ssl, copy), "session")
  }
}
