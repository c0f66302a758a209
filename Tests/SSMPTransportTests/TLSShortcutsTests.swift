// Each shortcut with OpenSSL switched off.

import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("TLS shortcuts")
struct TLSShortcutsTests {
  @Test("A shortcut that is switched off takes those with it that need it, and no others")
  func dependencies() {
    #expect(TLSShortcuts.without([]) == .all)
    #expect(TLSShortcuts.without(.slimming) == [.contexts, .provider])
    #expect(TLSShortcuts.without(.records) == [.slimming, .contexts, .provider])
    #expect(TLSShortcuts.without(.contexts) == [.slimming, .records])
    #expect(TLSShortcuts.without(.provider) == [.slimming, .records, .contexts])
    #expect(TLSShortcuts.without(.all) == [])
  }

  @Test("Those that change established connections are for OpenSSL 3.0 alone, and by default no others are taken")
  func tried() {
    #expect(TLSShortcuts.tried.contains([.contexts, .provider]))
    #expect(TLSShortcuts.tried.contains(.slimming) == OpenSSL.isVersion30)
    #expect(TLSShortcuts.tried.contains(.records) == OpenSSL.isVersion30)
    #expect(TLSLibrary.common.shortcuts == .tried && TLSLibrary.forLoop().shortcuts == .tried)
  }

  @Test("Every shortcut has a name")
  func names() {
    #expect(TLSShortcuts(TLSShortcuts.named.map(\.shortcut)) == .all)
    #expect(Set(TLSShortcuts.named.map(\.name)).count == TLSShortcuts.named.count)
  }

  @Test("A library context of a loop's own exists where it is asked for, and is another one for each loop")
  func contexts() {
    for shortcuts in TLSShortcuts.combinations {
      let (one, other) = (TLSLibrary.forLoop(shortcuts), TLSLibrary.forLoop(shortcuts))
      #expect(one.shortcuts == shortcuts)
      #expect((one.context != nil) == shortcuts.contains(.contexts))
      #expect(one.context == nil || one.context != other.context)
    }
  }
}
