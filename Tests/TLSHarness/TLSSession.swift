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

  /// The ticket, as the server has made it.
  public var ticket: [UInt8] {
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    SSL_SESSION_get0_ticket(session, &bytes, &count)
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// How long the server has said that it is good, in seconds.
  public var lifetime: Int { Int(SSL_SESSION_get_ticket_lifetime_hint(session)) }

  /// Lets a new connection offer the session.
  func offer(on ssl: OpaquePointer) throws {
    let copy = try required(SSL_SESSION_dup(session), "session")
    defer { SSL_SESSION_free(copy) }
    try require(SSL_set_session(ssl, copy), "session")
  }
}
