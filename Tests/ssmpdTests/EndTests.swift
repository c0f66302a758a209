// The end of the server, as one loop sees it.

import Glibc
import SSMPCore
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("The end at once")
struct EndTests {
  /// A loop with one connection, in slot 0, which has sent a LOGIN.
  private func withRequest(_ body: (inout EventLoop, Hub) throws -> Void) throws {
    let hub = try Hub(
      configuration: Configuration(), sources: ConfigurationSources(arguments: []), loops: 2,
      rules: LoginRules(), access: nil, admissions: Admissions(.init(total: 1)), log: Log(level: .error),
      tls: nil)
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    var loop = try EventLoop.make(index: 0, hub: hub, signals: nil, listeners: [])
    _ = loop.connections.insert(connection(ends[0], try hub.admissions.admit(.local).get()))
    let request = "LOGIN a open\n" + String(repeating: "PING\n", count: 30_000)
    try #require(write(ends[1], request, request.utf8.count) == request.utf8.count)
    try body(&loop, hub)
  }

  private func connection(_ descriptor: Int32, _ address: UInt32) -> Connection {
    var connection = Connection()
    connection.descriptor = descriptor
    connection.address = address
    connection.session = Session(schemes: SchemeSet([.open]), strict: true)
    connection.state = .open
    connection.flags = [.readable]
    return connection
  }

  @Test("Nothing is served any more when the server ends at once: another loop may have closed the recipient already")
  func atOnce() throws {
    try withRequest { loop, hub in
      hub.goDown(.atOnce)
      // As often as a turn may read, and more than the buffer holds.
      for _ in 0..<4 { loop.read(0) }
      #expect(hub.withRegistry { $0.counts.logins } == 0)
      #expect(loop.connections[0].kept.count == 0)
    }
  }

  @Test("Requests are served as ever while connections leave one after the other")
  func spread() throws {
    try withRequest { loop, hub in
      hub.goDown(.spread)
      loop.read(0)
      #expect(hub.withRegistry { $0.counts.logins } == 1)
    }
  }
}
