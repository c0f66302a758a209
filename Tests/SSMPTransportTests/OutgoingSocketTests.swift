// Connecting, plain and through TLS.

import Glibc
import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("Outgoing socket")
struct OutgoingSocketTests {
  private func accept(_ listener: ListeningSocket) throws -> AcceptedSocket {
    for _ in 0..<10_000 {
      if case .accepted(let socket) = listener.accept() { return socket }
      usleep(1000)
    }
    throw SystemError("accept")
  }

  private func listen() throws -> ListeningSocket {
    try ListeningSocket(try #require(SocketAddress(internet: "127.0.0.1:0")))
  }

  @Test("A connection is made, from the address that is asked for, non-blocking")
  func connects() throws {
    let listener = try listen()
    defer { listener.close() }
    let source = try #require(SocketAddress(internet: "127.0.0.7:0"))
    let descriptor = try OutgoingSocket.connect(to: listener.address, from: source)
    defer { close(descriptor) }
    let accepted = try accept(listener)
    defer { close(accepted.descriptor) }
    #expect("\(accepted.peer)" == "127.0.0.7")
    #expect(OutgoingSocket.failure(descriptor) == nil)
    #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test("A port where nobody listens is a failure that the poller tells of")
  func refused() throws {
    let listener = try listen()
    listener.close()
    let poller = try Poller()
    let descriptor = try OutgoingSocket.connect(to: listener.address)
    defer { close(descriptor) }
    try poller.add(descriptor, token: 1)
    #expect(poller.wait(nanoseconds: 5_000_000_000) == 1)
    #expect(OutgoingSocket.failure(descriptor)?.code == ECONNREFUSED)
  }

  @Test("An address that is not this machine's cannot be connected from")
  func strangeSource() throws {
    let listener = try listen()
    defer { listener.close() }
    let source = try #require(SocketAddress(internet: "192.0.2.1:0"))
    #expect(throws: SystemError.self) { _ = try OutgoingSocket.connect(to: listener.address, from: source) }
  }

  @Test("A wait in nanoseconds ends without an event when its time is over, and not before")
  func waits() throws {
    let poller = try Poller()
    let watch = Stopwatch()
    #expect(poller.wait(nanoseconds: 3_000_000) == 0)
    #expect(watch.microseconds >= 3000)
  }

  // Through TLS.

  private func parse(_ certificate: TestCertificate) throws -> [Certificate] {
    try Certificate.parse(pem: Array(certificate.certificatePEM.utf8))
  }

  private func key(_ certificate: TestCertificate) throws -> PrivateKey {
    try PrivateKey(pem: Array(certificate.keyPEM.utf8))
  }

  /// Both ends, their handshakes gone on with until both are over or one has failed.
  private func shakeHands(_ client: TLSClientContext, _ authority: TestCertificate) throws -> Ends {
    let listener = try listen()
    defer { listener.close() }
    let trust = try TrustStore(authorities: try parse(authority), lists: [], intermediates: IntermediatePool())
    let own = try authority.server()
    let server = try TLSContext(
      chain: try parse(own), key: try key(own), trust: trust, tickets: try TicketKeys(path: nil) { _ in }, origin: [1])
    let descriptor = try OutgoingSocket.connect(to: listener.address)
    let accepted = try accept(listener).descriptor
    let ends = Ends(TLSStream(descriptor, client), TLSStream(accepted, server), [descriptor, accepted])
    for _ in 0..<5000 where ends.failure == nil && !ends.isDone { ends.advance() }
    return ends
  }

  @Test("A client presents its certificate, and text goes both ways, in as many records as it takes")
  func mutual() throws {
    let authority = try TestCertificate.authority("CA")
    let device = try authority.device("pump")
    let context = try TLSClientContext(
      authorities: try parse(authority), chain: try parse(device), key: try key(device))
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
