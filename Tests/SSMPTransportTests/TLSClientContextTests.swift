// The client's side of TLS, against the server's.

import Glibc
import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("TLS, both sides")
struct TLSClientContextTests {
  private func parse(_ certificate: TestCertificate) throws -> [Certificate] {
    try Certificate.parse(pem: Array(certificate.certificatePEM.utf8))
  }

  private func key(_ certificate: TestCertificate) throws -> PrivateKey {
    try PrivateKey(pem: Array(certificate.keyPEM.utf8))
  }

  private func client(_ device: TestCertificate, of authority: TestCertificate) throws -> TLSClientContext {
    try TLSClientContext(authorities: try parse(authority), chain: try parse(device), key: try key(device))
  }

  private func context(of authority: TestCertificate, in library: TLSLibrary = .underTest) throws -> TLSContext {
    let trust = try TrustStore(
      authorities: try parse(authority), lists: [], intermediates: IntermediatePool(), library: library)
    let own = try authority.server()
    return try TLSContext(
      chain: try parse(own), key: try key(own), trust: trust, tickets: try TicketKeys(path: nil) { _ in }, origin: [1],
      library: library)
  }

  /// Both ends, their handshakes gone on with until both are over or one has failed.
  private func shakeHands(
    _ client: TLSClientContext, _ server: TLSContext, resuming session: TLSClientSession? = nil
  ) throws -> Ends {
    let listener = try ListeningSocket(try #require(SocketAddress(internet: "127.0.0.1:0")))
    defer { listener.close() }
    let descriptor = try OutgoingSocket.connect(to: listener.address)
    let accepted = try listener.acceptOne().descriptor
    let ends = Ends(
      TLSStream(descriptor, client, resuming: session), TLSStream(accepted, server), [descriptor, accepted])
    for _ in 0..<5000 where ends.failure == nil && !ends.isDone { ends.advance() }
    return ends
  }

  private func shakeHands(_ client: TLSClientContext, _ authority: TestCertificate) throws -> Ends {
    try shakeHands(client, context(of: authority))
  }

  @Test("A client presents its certificate, and text goes both ways, in as many records as it takes")
  func mutual() throws {
    let authority = try TestCertificate.authority("CA")
    let device = try authority.device("pump")
    let context = try client(device, of: authority)
    let ends = try shakeHands(context, authority)
    #expect(ends.failure == nil && ends.isDone)
    #expect(ends.server.names(in: .common)?.common == [Array("pump".utf8)])
    #expect(!ends.client.hasCertificate)
    let text = [UInt8](repeating: 120, count: 16 << 10)
    for (from, to) in [(ends.client, ends.server), (ends.server, ends.client)] {
      #expect(text.withUnsafeBytes { from.send($0) } == .bytes(text.count))
      var (buffer, received) = ([UInt8](repeating: 0, count: 64 << 10), 0)
      for _ in 0..<1000 where received < text.count {
        if case .bytes(let count) = buffer.withUnsafeMutableBytes({ to.receive(into: $0) }) { received += count }
      }
      #expect(received == text.count)
    }
    #expect(ends.client.endOutput())
  }

  @Test("A server by another authority is refused; without authorities any is taken")
  func trust() throws {
    let (authority, other) = (try TestCertificate.authority("CA"), try TestCertificate.authority("Other"))
    let failed = try shakeHands(try TLSClientContext(authorities: try parse(other)), authority)
    #expect(failed.failure?.description == "certificate verify failed")
    let taken = try shakeHands(try TLSClientContext(authorities: []), authority)
    #expect(taken.failure == nil && taken.isDone)
    #expect(!taken.server.hasCertificate)
  }

  @Test("A key that is not the certificate's is refused, and so is a certificate without one")
  func wrongKey() throws {
    let authority = try TestCertificate.authority("CA")
    let (one, other) = (try authority.device("a"), try authority.device("b"))
    #expect(throws: TLSError.self) {
      _ = try TLSClientContext(authorities: [], chain: try parse(one), key: try key(other))
    }
    #expect(throws: TLSError.self) { _ = try TLSClientContext(authorities: [], chain: try parse(one)) }
  }

  /// The client's session, once it has read what the server says.
  private func session(of ends: Ends) throws -> TLSClientSession {
    var buffer = [UInt8](repeating: 0, count: 100)
    #expect([UInt8(50)].withUnsafeBytes { ends.server.send($0) } == .bytes(1))
    for _ in 0..<5000 {
      if buffer.withUnsafeMutableBytes({ ends.client.receive(into: $0) }) == .bytes(1) { break }
      usleep(100)
    }
    return try #require(ends.client.clientSession)
  }

  @Test(
    "A session is resumed by the server that has given it, again and again; its client is known, its end stays",
    arguments: TLSShortcuts.combinations)
  func resumes(shortcuts: TLSShortcuts) throws {
    let authority = try TestCertificate.authority("CA")
    let device = try authority.device("pump")
    let client = try client(device, of: authority)
    let library = TLSLibrary.forLoop(shortcuts)
    let server = try context(of: authority, in: library)
    let first = try shakeHands(client, server)
    let verified = try #require(first.server.record)
    #expect(first.isDone && !first.client.isResumed && first.client.clientSession == nil, "its ticket is to come")
    var latest = try session(of: first)
    // A second that is counted from the resumption would be a later one.
    let second = time(nil)
    while time(nil) == second { usleep(10_000) }
    for _ in 0..<3 {
      let next = try shakeHands(client, server, resuming: latest)
      #expect(next.isDone && next.client.isResumed && next.server.isResumed)
      #expect(next.server.names(in: library)?.common == [Array("pump".utf8)])
      #expect(next.server.record?.end == verified.end && next.server.record?.certificate == verified.certificate)
      // What the connection holds of the server's certificates and settings is what slimming gives back.
      #expect((next.server.context == nil) == shortcuts.contains(.slimming))
      latest = try session(of: next)
    }
  }

  @Test("A session that a server does not know leads to a full handshake")
  func foreignSession() throws {
    let authority = try TestCertificate.authority("CA")
    let client = try TLSClientContext(authorities: try parse(authority))
    let given = try session(of: shakeHands(client, authority))
    let ends = try shakeHands(client, try context(of: authority), resuming: given)
    #expect(ends.failure == nil && ends.isDone && !ends.client.isResumed)
  }
}

/// A client's and a server's stream.
private final class Ends {
  let client: TLSStream
  let server: TLSStream
  private let descriptors: [Int32]
  private(set) var failure: TLSStream.HandshakeFailure?
  private var done = (client: false, server: false)
  var isDone: Bool { done.client && done.server }

  init(_ client: TLSStream, _ server: TLSStream, _ descriptors: [Int32]) {
    (self.client, self.server, self.descriptors) = (client, server, descriptors)
  }

  deinit {
    client.release()
    server.release()
    for descriptor in descriptors { close(descriptor) }
  }

  func advance() {
    usleep(100)
    if !done.client { done.client = step(client) }
    if !done.server, failure == nil { done.server = step(server) }
  }

  private func step(_ stream: TLSStream) -> Bool {
    switch stream.handshake() {
    case .done: return true
    case .blocked: return false
    case .failed(let failure):
      self.failure = failure
      return false
    }
  }
}
