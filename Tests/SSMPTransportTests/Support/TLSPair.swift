// Both ends of a TLS connection.

import Foundation
import TLSHarness
import Testing

@testable import SSMPTransport

/// A server's stream and the client at its other end, their handshake done.
final class TLSPair: @unchecked Sendable {
  let client: TLSClient
  let stream: TLSStream
  let descriptor: Int32
  let authority: TestCertificate

  init(device: (TestCertificate) throws -> TestCertificate? = { _ in nil }) throws {
    authority = try .authority("Appliance CA")
    let context = try Self.context(authority)
    let listener = try ListeningSocket(try #require(SocketAddress(internet: "127.0.0.1:0")))
    defer { listener.close() }
    let port = try #require("\(listener.address)".split(separator: ":").last.flatMap { UInt16($0) })
    client = try TLSClient(port: port, authority: authority, certificate: try device(authority))
    descriptor = try listener.acceptOne().descriptor
    stream = TLSStream(descriptor, context)
    try shakeHands()
  }

  deinit {
    stream.release()
    close(descriptor)
  }

  static func context(_ authority: TestCertificate, in library: TLSLibrary = .underTest) throws -> TLSContext {
    let server = try authority.server()
    let trust = try TrustStore(
      authorities: try Certificate.parse(pem: Array(authority.certificatePEM.utf8)), lists: [],
      intermediates: IntermediatePool(), library: library)
    return try TLSContext(
      chain: try Certificate.parse(pem: Array(server.certificatePEM.utf8)),
      key: try PrivateKey(pem: Array(server.keyPEM.utf8)), trust: trust, tickets: try TicketKeys(path: nil) { _ in },
      origin: [1], library: library)
  }

  private func shakeHands() throws {
    let group = DispatchGroup()
    let client = client
    group.enter()
    Thread.detachNewThread {
      try? client.handshake()
      group.leave()
    }
    let deadline = Date() + 20
    while true {
      if case .done = stream.handshake() { break }
      try #require(Date() < deadline, "the handshake did not end")
      usleep(1000)
    }
    group.wait()
  }

  /// The bytes that the kernel has for the server.
  var waiting: Int {
    var count: Int32 = 0
    _ = ioctl(descriptor, UInt(FIONREAD), &count)
    return Int(count)
  }

  /// Reads once; returns the text, and what the call came to.
  func receive(upTo limit: Int = 64 << 10) -> (text: String, result: Transfer) {
    var buffer = [UInt8](repeating: 0, count: limit)
    let result = buffer.withUnsafeMutableBytes { stream.receive(into: $0) }
    guard case .bytes(let count) = result else { return ("", result) }
    return (String(decoding: buffer[..<count], as: UTF8.self), result)
  }

  func send(_ text: String) -> Transfer {
    Array(text.utf8).withUnsafeBytes { stream.send($0) }
  }
}
