// OpenSSL's library contexts.

import COpenSSL

/// A library context of OpenSSL's: its algorithms, its random generators, and the locks that guard both; and the shortcuts
/// that what is made in it takes.
///
/// A handshake takes these locks some thousand times, for a moment each. Threads that share a library context do not wait for
/// each other, but their processors hand the locks' cache lines to and fro: with two loops a handshake took an eighth more
/// time. So each loop has a context of its own, with no more algorithms than it needs, and everything that its handshakes need
/// is made in it. (Except for what OpenSSL does with certificates in TLS 1.2's tickets.) It lives as long as the process.
@safe
public final class TLSLibrary: @unchecked Sendable {
  /// The one that OpenSSL has from the start, with everything.
  public static let common = unsafe TLSLibrary(context: nil, .tried)

  /// `nil` for the one that OpenSSL has from the start.
  let context: OpaquePointer?
  /// Which shortcuts are taken.
  let shortcuts: TLSShortcuts
  /// What session tickets are encrypted with (RFC 5077, section 4); `nil` where there is no such thing.
  let ticketCipher: OpaquePointer?
  let sharedSessions = SharedSessions()

  /// Has OpenSSL keep everything until the process has ended; to be called before anything else of it is used. Otherwise it
  /// tears itself down in `exit`, under threads that may be reading certificates.
  public static func stayUntilTheEnd() {
    OPENSSL_init_crypto(ssmp_OPENSSL_INIT_NO_ATEXIT, nil)
  }

  /// False when OpenSSL is configured so that it has none: nothing of TLS can work then.
  public static var hasRandomNumbers: Bool {
    defer { ERR_clear_error() }
    return RAND_status() == 1
  }

  /// A library context for one loop. It is the one that OpenSSL has from the start without `TLSShortcuts.contexts`, and where
  /// OpenSSL is configured to have other providers than the default one: a key may be in the keeping of one of them.
  ///
  /// - Parameter shortcuts: which shortcuts are taken by what is made in it.
  public static func forLoop(_ shortcuts: TLSShortcuts = .tried) -> TLSLibrary {
    let library = make(shortcuts)
    all.withLock { $0.append(library) }
    return library
  }

  /// Those that were made, which nothing gives back: what was made in one may live as long.
  private static let all = Locked<[TLSLibrary]>([])

  private static func make(_ shortcuts: TLSShortcuts) -> TLSLibrary {
    guard shortcuts.contains(.contexts), usesDefaultOnly else { return unsafe TLSLibrary(context: nil, shortcuts) }
    ERR_clear_error()
    defer { ERR_clear_error() }
    let context = unsafe allocated(OSSL_LIB_CTX_new())
    let isLoaded =
      shortcuts.contains(.provider)
      ? unsafe ReducedProvider.load(into: context) : unsafe OSSL_PROVIDER_load(context, "default") != nil
    if isLoaded { return unsafe TLSLibrary(context: context, shortcuts) }
    unsafe OSSL_LIB_CTX_free(context)
    return unsafe TLSLibrary(context: nil, shortcuts)
  }

  /// False when OpenSSL is configured to use others than its default provider, as for FIPS.
  private static var usesDefaultOnly: Bool {
    guard EVP_default_properties_is_fips_enabled(nil) == 0 else { return false }
    var isOnly = true
    // The first use of OpenSSL has loaded those that its configuration file names.
    unsafe OSSL_PROVIDER_do_all(
      nil,
      { provider, isOnly in
        let isDefault =
          unsafe OSSL_PROVIDER_get0_name(provider).map { unsafe String(cString: $0) == "default" } ?? false
        if !isDefault { unsafe isOnly?.assumingMemoryBound(to: Bool.self).pointee = false }
        return 1
      }, &isOnly)
    return isOnly
  }

  private init(context: OpaquePointer?, _ shortcuts: TLSShortcuts) {
    unsafe self.context = unsafe context
    self.shortcuts = shortcuts
    unsafe ticketCipher = unsafe EVP_CIPHER_fetch(context, "AES-256-CBC", nil)
    ERR_clear_error()
  }
}
