// What established connections share.

import COpenSSL

/// A context and a session for all established connections of one version and cipher suite in one library context.
@safe
struct SharedSession {
  let context: OpaquePointer
  let session: OpaquePointer

  /// A session to make a ticket of, which is the caller's. What is secret in it OpenSSL puts there when it does.
  func resumable(for context: TLSContext?) -> OpaquePointer? {
    guard let context, let copy = unsafe SSL_SESSION_dup(session) else { return nil }
    unsafe SSL_SESSION_set1_id_context(copy, context.sessionContext, UInt32(context.sessionContext.count))
    return unsafe copy
  }
}

/// Those that there are in a library context: as many as there are cipher suites that the server offers.
final class SharedSessions: @unchecked Sendable {
  private let lock = Lock()
  // Guarded by `lock`.
  private var all: [UInt32: SharedSession] = [:]

  /// The one for this connection; `nil` when it cannot be made.
  func matching(_ ssl: OpaquePointer, in library: TLSLibrary) -> SharedSession? {
    guard let cipher = unsafe SSL_get_current_cipher(ssl) else { return nil }
    let version = unsafe UInt32(SSL_version(ssl))
    let key = unsafe version << 16 | UInt32(SSL_CIPHER_get_protocol_id(cipher))
    return lock.withLock {
      if let known = all[key] { return known }
      guard let made = unsafe Self.make(ssl, cipher, library) else { return nil }
      all[key] = made
      return made
    }
  }

  private static func make(_ ssl: OpaquePointer, _ cipher: OpaquePointer, _ library: TLSLibrary) -> SharedSession? {
    let context = unsafe SSL_CTX_new_ex(library.context, nil, SSL_get_ssl_method(ssl))
    let session = unsafe SSL_SESSION_new()
    guard let context = unsafe context, let session = unsafe session,
      unsafe SSL_SESSION_set_protocol_version(session, SSL_version(ssl)) == 1,
      unsafe SSL_SESSION_set_cipher(session, cipher) == 1
    else {
      unsafe SSL_SESSION_free(session)
      unsafe SSL_CTX_free(context)
      return nil
    }
    return unsafe SharedSession(context: context, session: session)
  }
}
