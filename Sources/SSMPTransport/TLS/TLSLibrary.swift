// OpenSSL's library contexts.

import COpenSSL

/// A library context of OpenSSL's: its algorithms, its random generators, and the locks that guard both.
///
/// A handshake takes these locks some thousand times, for a moment each. Threads that share a library context do not wait for
/// each other, but their processors hand the locks' cache lines to and fro: with two loops a handshake took an eighth more
/// time. So each loop has a context of its own, with no more algorithms than it needs, and everything that its handshakes need
/// is made in it. It lives as long as the process.
public final class TLSLibrary: @unchecked Sendable {
  /// The one that OpenSSL has from the start, with everything.
  public static let common = TLSLibrary(context: nil)

  /// `nil` for the common one.
  let context: OpaquePointer?
  /// What session tickets are encrypted with (RFC 5077, section 4).
  let ticketCipher: OpaquePointer
  let sharedSessions = SharedSessions()

  /// A library context for one loop.
  public convenience init() {
    ERR_clear_error()
    let context = allocated(OSSL_LIB_CTX_new())
    // Where OpenSSL is configured to be another one, as it does that for the common one: what is wrong in the file is left out.
    if !LeanProvider.load(into: context) {
      CONF_modules_load_file_ex(context, nil, nil, ssmp_CONF_MFLAGS_DEFAULT)
    }
    ERR_clear_error()
    self.init(context: context)
  }

  private init(context: OpaquePointer?) {
    self.context = context
    ticketCipher = allocated(EVP_CIPHER_fetch(context, "AES-256-CBC", nil))
  }
}
