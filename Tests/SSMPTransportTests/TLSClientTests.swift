// The TLS client that other tests rely on, against OpenSSL's server.

import COpenSSL
import Foundation
import TLSHarness
import Testing

@Suite(.serialized) struct TLSClientTests {
  private let root: TestCertificate

  init() throws {
    root = try .authority("root")
  }

  /// Whether a client is served: what it says comes back backwards.
  private func converse(_ client: TLSClient) -> Bool {
    client.send("abc\n")
    return client.expect("cba\n")
  }

  @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2", nil), (TLS1_3_VERSION, "TLSv1.3", nil), (TLS1_3_VERSION, "TLSv1.3", 1)])
  func shakesHandsWithACertificateAndItsChain(version: Int32, name: String, splitting: Int?) throws {
    let server = try OpenSSLServer(["-Verify", "3", "-verify_return_error"], root: root)
    let middle = try root.authority("middle")
    let client = try TLSClient(
      port: server.port, authority: root, certificate: middle.device("printer"), chain: [middle], minimum: version,
      maximum: version, splitting: splitting)
    try client.handshake()
    #expect(client.version == name && !client.cipher.isEmpty && !client.wasResumed)
    #expect(converse(client))
    client.send("one\ntwo\n")
    #expect(try client.line() == "eno\n" && client.line() == "owt\n")
    client.expectNothing(for: 50)
    #expect(client.failure == nil)
  }

  @Test func speaksOldVersions() throws {
    let server = try OpenSSLServer(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], root: root)
    let client = try TLSClient(
      port: server.port, authority: root, minimum: TLS1_1_VERSION, maximum: TLS1_1_VERSION)
    try client.handshake()
    #expect(client.version == "TLSv1.1")
    #expect(converse(client))
  }

  @Test func tellsTheAlertOfARefusal() throws {
    let server = try OpenSSLServer(["-Verify", "3", "-verify_return_error"], root: root)
    try TLSClient(port: server.port).expectRefusal("alert certificate required")
    try TLSClient(port: server.port, maximum: TLS1_2_VERSION).expectRefusal("alert handshake failure")
    let stranger = try TestCertificate.authority("another").device("printer")
    try TLSClient(port: server.port, certificate: stranger).expectRefusal("alert unknown ca")
  }

  @Test func verifiesTheServer() throws {
    let server = try OpenSSLServer(root: root)
    let client = try TLSClient(port: server.port, authority: .authority("another"))
    #expect {
      try client.handshake()
    } throws: {
      "\($0)".contains("certificate verify failed")
    }
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func resumesASession(version: Int32) throws {
    let server = try OpenSSLServer(root: root)
    func session(resuming old: TLSSession?) throws -> TLSSession? {
      let client = try TLSClient(port: server.port, authority: root, maximum: version, session: old)
      try client.handshake()
      #expect(client.wasResumed == (old != nil))
      #expect(converse(client))
      return client.session()
    }
    let made = try session(resuming: nil)
    let first = try #require(made)
    _ = try session(resuming: first)
    // The connection has ended without a close_notify, and its session can be used nonetheless.
    _ = try session(resuming: first)
  }

  @Test func changesKeys() throws {
    let server = try OpenSSLServer(root: root)
    let client = try TLSClient(port: server.port, authority: root)
    try client.handshake()
    for _ in 0..<2 {
      #expect(client.requestKeyUpdate())
      #expect(converse(client))
    }
  }

  @Test func renegotiatesWithAServerThatLetsIt() throws {
    let willing = try OpenSSLServer(["-client_renegotiation"], root: root)
    let client = try TLSClient(port: willing.port, maximum: TLS1_2_VERSION)
    try client.handshake()
    #expect(client.renegotiate())
    #expect(converse(client))
    let server = try OpenSSLServer(root: root)
    let other = try TLSClient(port: server.port, maximum: TLS1_2_VERSION)
    try other.handshake()
    #expect(!other.renegotiate())
    #expect(other.failure?.description.contains("no renegotiation") == true)
  }

  @Test func sendsFlightsWhenTheTestSaysSo() throws {
    let server = try OpenSSLServer(root: root)
    let client = try TLSClient(port: server.port, authority: root)
    let hello = client.clientHello()
    #expect(hello.starts(with: [22, 3, 1]) && client.clientHello() == hello)
    client.sendRaw(Array(hello.prefix(20)))
    client.expectNothing(for: 50)
    client.sendRaw(Array(hello.dropFirst(20)))
    client.isHolding = true
    try client.handshake()
    client.send("abc\n")
    client.expectNothing(for: 50)
    client.release()
    client.expect("cba\n")
  }

  @Test func tellsHowAConnectionEnds() throws {
    let server = try OpenSSLServer(root: root)
    let polite = try TLSClient(port: server.port, authority: root)
    try polite.handshake()
    #expect(!polite.hasReceivedCloseNotify)
    polite.closeNotify()
    #expect(polite.expectEnd() && polite.hasReceivedCloseNotify && polite.failure == nil)
    let plain = try TLSClient(port: server.port)
    plain.sendRaw(Array("LOGIN a open\n".utf8))
    #expect(plain.expectEnd())
    #expect(!plain.hasReceivedCloseNotify)
  }
}
