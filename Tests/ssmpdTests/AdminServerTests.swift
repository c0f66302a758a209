// Operators who say nothing.

import Glibc
import SSMPCore
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Admin server")
struct AdminServerTests {
  private func connect(to address: SocketAddress) throws -> PatientSocket {
    PatientSocket(try OutgoingSocket.connect(to: address))
  }

  /// All that comes until the end; `nil` when that does not come.
  private func readAll(_ socket: PatientSocket) -> String? {
    var bytes: [UInt8] = []
    while PatientSocket.wait(reading: [socket.descriptor], milliseconds: 30_000) != 0 {
      let (result, more) = socket.receive(upTo: 4096)
      bytes += more
      if result == .ended { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  @Test("A connection on which nothing is said is closed after its time, before a command and after one")
  func idle() throws {
    let hub = try Hub(
      configuration: Configuration(), sources: ConfigurationSources(arguments: []), loops: 1, rules: LoginRules(),
      access: nil, admissions: Admissions(.init(total: 1)), log: Log(level: .error), tls: nil)
    let listener = try ListeningSocket(.unix("/tmp/ssmp-admin-\(getpid())-\(UInt32.random(in: 0 ... .max))"))
    let server = try AdminServer(
      hub: hub, context: MetricsContext(maxDescriptors: 1), admin: listener, metrics: nil, idleTime: 300)
    try server.start()
    defer { server.stop() }
    let silent = try connect(to: listener.address)
    let operator_ = try connect(to: listener.address)
    #expect(operator_.send(Array("help\n".utf8), patience: 1000))
    #expect(readAll(silent) == "error: closed: nothing was said for 0 s\n")
    let answer = try #require(readAll(operator_))
    #expect(answer.hasSuffix("\nok\nerror: closed: nothing was said for 0 s\n") && answer.hasPrefix("command=\"help\""))
    for socket in [silent, operator_] { Socket.close(socket.descriptor) }
    let watch = Stopwatch()
    while server.admins.count > 0, watch.microseconds < 30_000_000 { usleep(1000) }
    #expect(server.admins.count == 0)
  }
}

@Suite("Admin places")
struct AdminPlacesTests {
  @Test("The connection that has waited longest goes when there is no other place, those at work stay")
  func evicts() {
    let places = AdminPlaces(limit: 3, operators: 2)
    // No descriptors: nobody is told.
    #expect((0..<3).map { _ in places.enter(-1) } == [.entered(0), .entered(1), .entered(2)])
    #expect(places.work(0) && places.becomeOperator(0))
    #expect(places.enter(-1) == .entered(3))
    #expect(!places.work(1) && places.work(2) && places.count == 3)
    // What has said something is the last to go again.
    #expect(places.becomeOperator(2))
    places.wait(2)
    #expect(places.work(3))
    // The third operator takes the place of the one that waits.
    #expect(places.becomeOperator(3))
    #expect(!places.work(2) && places.count == 2)
    #expect(places.becomeOperator(3))
    #expect(places.enter(-1) == .entered(4) && places.work(4))
    // Now all are at work.
    #expect(!places.becomeOperator(4) && places.enter(-1) == .full)
    for number in 0..<5 { places.leave(number) }
    #expect(places.count == 0 && places.enter(-1) == .entered(5))
  }

  @Test("However fast others come, no more than twice the places have threads")
  func bounded() {
    let places = AdminPlaces(limit: 2, operators: 2)
    #expect((0..<4).map { _ in places.enter(-1) } == (0..<4).map { .entered($0) })
    #expect(places.enter(-1) == .leaving)
    places.leave(0)
    #expect(places.enter(-1) == .entered(4))
  }
}
