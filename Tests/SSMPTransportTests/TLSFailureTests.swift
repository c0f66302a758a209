// The end of TLS connections that have failed.

import SSMPTransport
import TLSHarness
import Testing

@Suite("TLS failure")
struct TLSFailureTests {
  /// Both sides of a connection over a pair of sockets, their handshake done.
  private struct Sides {
    let sockets: SocketPair
    let server: TLSStream
    let client: TLSStream

    init() throws {
      sockets = try SocketPair()
      let authority = try TestCertificate.authority("Appliance CA")
      server = TLSStream(sockets.one, try TLSPair.context(authority))
      let authorities = try Certificate.parse(pem: Array(authority.certificatePEM.utf8))
      client = TLSStream(sockets.other, try TLSClientContext(authorities: authorities))
      var done = (false, false)
      for _ in 0..<20 where done != (true, true) {
        if !done.0, case .done = client.handshake() { done.0 = true }
        if !done.1, case .done = server.handshake() { done.1 = true }
      }
      try #require(done == (true, true))
      // Tickets are of no interest.
      _ = sockets.receiveAtOther()
    }

    func receive() -> Transfer {
      var buffer = [UInt8](repeating: 0, count: 1024)
      return buffer.withUnsafeMutableBytes { server.receive(into: $0) }
    }
  }

  @Test("A connection that has failed is not told good-bye: OpenSSL forbids it", arguments: [true, false])
  func noGoodbye(_ byRelease: Bool) throws {
    let sides = try Sides()
    defer { sides.client.release() }
    // A record that nobody has encrypted.
    sides.sockets.sendFromOther([0x17, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32))
    var result = Transfer.wouldBlock
    for _ in 0..<5 where result == .wouldBlock { result = sides.receive() }
    guard case .failed = result else {
      Issue.record("\(result)")
      return
    }
    #expect(!sides.sockets.receiveAtOther().isEmpty, "the alert")
    if byRelease {
      sides.server.release()
    } else {
      #expect(sides.server.endOutput())
    }
    #expect(sides.sockets.receiveAtOther().isEmpty)
    if !byRelease { sides.server.release() }
    #expect(sides.sockets.receiveAtOther().isEmpty)
  }

  @Test("A connection that has not failed is told good-bye, once")
  func goodbye() throws {
    let sides = try Sides()
    defer { sides.client.release() }
    #expect(sides.server.endOutput())
    #expect(!sides.sockets.receiveAtOther().isEmpty)
    sides.server.release()
    #expect(sides.sockets.receiveAtOther().isEmpty)
  }
}
