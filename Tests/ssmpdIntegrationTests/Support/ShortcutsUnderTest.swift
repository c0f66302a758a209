// Which shortcuts with OpenSSL the servers of this run take.

import Foundation

/// The shortcuts that the environment of the tests switches off in every server that they start (docs/tls.md).
enum ShortcutsUnderTest {
  private static let words = (ProcessInfo.processInfo.environment["SSMPD_TLS_PLAIN"] ?? "").split(separator: ",")

  /// True when servers have the reduced provider.
  static var haveReducedProvider: Bool { !words.contains { ["all", "contexts", "provider"].contains($0) } }
}
