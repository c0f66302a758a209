// The variable that switches shortcuts with OpenSSL off.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("SSMPD_TLS_PLAIN")
struct TLSShortcutsTests {
  private func fault(_ text: String) throws -> String {
    try #require(throws: ConfigurationError.self) { try TLSShortcuts.unlessNamed(in: text) }.description
  }

  private func taken(_ text: String, tried: TLSShortcuts = .all) throws -> TLSShortcuts {
    try TLSShortcuts.unlessNamed(in: text, tried: tried)
  }

  @Test("Without it, and where it is empty, those are taken that have been tried; with none all are")
  func none() throws {
    #expect(try taken("") == .all)
    #expect(try taken("", tried: [.contexts, .provider]) == [.contexts, .provider])
    #expect(try taken("provider", tried: [.contexts, .provider]) == .contexts)
    #expect(try taken("none", tried: .contexts) == .all)
  }

  @Test("What it names is switched off, and what needs that")
  func named() throws {
    #expect(try taken("records") == [.slimming, .contexts, .provider])
    #expect(try taken("provider,records") == [.slimming, .contexts])
    #expect(try taken("slimming") == [.contexts, .provider])
    #expect(try taken("contexts,slimming") == [])
    #expect(try taken("all") == [])
    #expect(try taken("records,all,records") == [])
  }

  @Test("A word that names no shortcut is an error that says what there is")
  func faults() throws {
    #expect(
      try fault("slimming,speed")
        == "SSMPD_TLS_PLAIN: 'speed' is not accepted; "
        + "give all, none, or some of slimming, records, contexts, provider")
    for text in ["1", "All", "slimming ", ",", "records,", "slimming;records", "none,records"] {
      #expect(try fault(text).hasPrefix("SSMPD_TLS_PLAIN: '"))
    }
  }
}
