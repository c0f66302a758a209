// What goes beyond the ordinary use of OpenSSL.

import COpenSSL

/// Shortcuts: uses of OpenSSL that save memory or time and rely on behaviour that OpenSSL does not document.
///
/// Each can be left out; what is done instead is what OpenSSL's manual describes. docs/tls.md says what each one saves, what it
/// relies on, and how a new version of OpenSSL is tried.
public struct TLSShortcuts: OptionSet, Sendable {
  /// A bit for each shortcut.
  public let rawValue: UInt8

  /// The shortcuts with these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// An established connection gives back its session and its copy of the server's certificates and settings: it is moved to
  /// a context and a session that all connections share (`SharedSession`).
  public static let slimming = TLSShortcuts(rawValue: 1)
  /// A session ticket of TLS 1.3 is made of an empty session with a record of ssmpd's own in it (`SessionRecord`), not of the
  /// connection's session with the client's certificate. It takes the same calls as `slimming`, which it needs.
  public static let records = TLSShortcuts(rawValue: 2)
  /// Each event loop has a library context of OpenSSL's of its own (`TLSLibrary`).
  public static let contexts = TLSShortcuts(rawValue: 4)
  /// These library contexts have the algorithms that TLS needs, and no others (`ReducedProvider`). It needs `contexts`.
  public static let provider = TLSShortcuts(rawValue: 8)

  /// Every shortcut.
  public static let all: TLSShortcuts = [.slimming, .records, .contexts, .provider]

  /// Those that work with the OpenSSL in use, as far as they have been tried: the default. In OpenSSL 3.5 `SSL_set_session`
  /// resets an established connection, so `slimming` and `records` are for OpenSSL 3.0 alone.
  public static let tried: TLSShortcuts =
    OpenSSL_version_num() >> 20 == 0x300 ? all : all.subtracting([.slimming, .records])

  /// The shortcuts with their names, in the order in which they are listed.
  public static let named: [(name: String, shortcut: TLSShortcuts)] = [
    ("slimming", .slimming), ("records", .records), ("contexts", .contexts), ("provider", .provider),
  ]

  /// All shortcuts but these, and but those that need one of these.
  public static func without(_ plain: TLSShortcuts) -> TLSShortcuts {
    var taken = all.subtracting(plain)
    if !taken.contains(.slimming) { taken.remove(.records) }
    if !taken.contains(.contexts) { taken.remove(.provider) }
    return taken
  }
}
