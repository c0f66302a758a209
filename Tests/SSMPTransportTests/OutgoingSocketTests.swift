// Connecting.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Outgoing socket")
struct OutgoingSocketTests {
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
    let accepted = try listener.acceptOne()
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
}
