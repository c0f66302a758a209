// Limits on connections, subscriptions and descriptors.

import Foundation
import Testing

@Suite("Limits")
struct LimitTests {
  @Test("Beyond --max-connections a connection is closed silently, once one has gone the next is served")
  func connections() throws {
    let server = try ServerProcess(["--open", "--max-connections", "3"])
    var clients = try (0..<3).map { try server.login("c\($0)") }
    let others = try (0..<5).map { _ in try server.connect() }
    for other in others { other.expectEnd() }
    clients.removeLast()
    try eventually("the place of a closed connection is free") {
      let client = try server.connect()
      client.send("LOGIN next open\n")
      return String(decoding: client.readAll(quietFor: 200), as: UTF8.self) == "200\n"
    }
    // One of those who were not let in at all, and one of those who were, to log in.
    #expect((1...2).contains(server.logLines.count { $0.contains("refuse reason=connection-limit") }))
    clients[0].expectQuiet()
  }

  @Test(
    "With every place taken, a client that comes back under its own name displaces its old connection",
    arguments: [1, 2])
  func returning(loops: Int) throws {
    let server = try ServerProcess(["--open", "--max-connections", "3", "--loops", "\(loops)"])
    var clients = try (0..<3).map { try server.login("c\($0)") }
    clients[0].send("SUBSCRIBE t PRESENCE\n")
    clients[0].expect("200\n")
    clients[1].send("SUBSCRIBE t\n")
    clients[1].expect("200\n")
    clients[0].expect("000 c1 SUBSCRIBE t\n")
    for _ in 0..<20 {
      var new = try server.connect()
      new.send("LOGIN c1 open\nSUBSCRIBE t\n")
      // The place that the connection before has displaced may not be free yet.
      while !new.fill(1000), new.hasEnded {
        new = try server.connect()
        new.send("LOGIN c1 open\nSUBSCRIBE t\n")
      }
      new.expect("200\n200\n")
      clients[1].expectEnd()
      clients[1] = new
      clients[0].expect("000 c1 UNSUBSCRIBE t\n000 c1 SUBSCRIBE t\n")
    }
    for client in clients { client.expectQuiet() }
    #expect(try server.report()["logged-in"] == 3)
  }

  @Test("With every place taken, a login that displaces nobody is closed without a response, and is no failed login")
  func newcomer() throws {
    let server = try ServerProcess(["--open", "--max-connections", "2"])
    let clients = try (0..<2).map { try server.login("c\($0)") }
    for name in ["new", "."] {
      let client = try server.connect()
      client.send("LOGIN \(name) open\nUCAST c0 hello\n")
      client.expectEnd()
      try eventually("it is gone") { try server.report()["connections"] == 2 }
    }
    let report = try server.report()
    #expect(report["connection-limit"] == 2 && report["failed-logins"] == 0 && report["401"] == 0)
    try server.waitForLog(" info close reason=connection-limit id=- ")
    let refusal = " warning refuse reason=connection-limit peer=127.0.0.1 count=1"
    #expect(server.logLines.count { $0.contains(refusal) } == 1)
    // What is wrong with a login is said as ever.
    let wrong = try server.connect()
    wrong.send("LOGIN new secret x\n")
    wrong.expect("401 open\n")
    wrong.expectEnd()
    for client in clients { client.expectQuiet() }
  }

  @Test("Those who are let in beyond the limit are few, have little time, and keep nobody out for good")
  func reserve() throws {
    let server = try ServerProcess([
      "--open", "--max-connections", "64", "--max-waiting-per-address", "0", "--login-timeout", "1h",
    ])
    let clients = try (0..<64).map { try server.login("c\($0)") }
    // The reserve has two places.
    let silent = try (0..<30).map { _ in try server.connect() }
    try eventually("the others are refused") { try server.report()["connection-limit", default: 0] >= 28 }
    #expect(try server.report()["connections", default: 0] <= 66)
    for client in silent { client.expectEnd() }
    #expect(try server.report()["connection-limit"] == 30)
    let new = try server.login("c7")
    clients[7].expectEnd()
    new.expectQuiet()
  }

  @Test("The same over TLS, by certificate")
  func returningOverTLS() throws {
    let server = try TLSServer(["--max-connections", "2"])
    let old = try server.login("a")
    let other = try server.login("b")
    let new = try server.login("a")
    old.expectEnd()
    new.expectQuiet()
    other.expectQuiet()
  }

  @Test("Beyond --max-connections-per-address a connection is closed silently; a unix socket has no address")
  func connectionsPerAddress() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
    let server = try ServerProcess([
      "--open", "--max-connections-per-address", "2", "--listen", "unix:\(path)",
    ])
    let first = try server.login("a")
    let second = try server.login("b")
    try server.connect().expectEnd()
    try server.waitForLog("refuse reason=address-limit peer=127.0.0.1")
    let local = try (0..<4).map { number in
      let client = try TestClient(path: path)
      client.send("LOGIN u\(number) open\n")
      client.expect("200\n")
      return client
    }
    local[3].send("UCAST a hello\n")
    first.expect("000 u3 UCAST a hello\n")
    second.expectQuiet()
  }

  @Test("Beyond --max-subscriptions SUBSCRIBE is answered 405, and after an UNSUBSCRIBE 200; it is logged once")
  func subscriptions() throws {
    let server = try ServerProcess(["--open", "--max-subscriptions", "2"])
    let client = try server.login("a")
    client.send("SUBSCRIBE one\nSUBSCRIBE two\nSUBSCRIBE three\nSUBSCRIBE four\nSUBSCRIBE one\n")
    client.expect("200\n200\n405\n405\n409\n")
    client.send("UNSUBSCRIBE one\nSUBSCRIBE three\n")
    client.expect("200\n200\n")
    #expect(server.logLines.count { $0.contains("refuse reason=subscription-limit") } == 1)
  }

  @Test("Without descriptors the server goes on serving, does not spin, and accepts again when it can")
  func descriptors() throws {
    let server = try ServerProcess(["--open", "--max-connections", "1000"], descriptors: 40)
    let served = try server.login("served")
    var others: [TestClient] = []
    for _ in 0..<60 { others.append(try server.connect()) }
    try server.waitForLog("refuse reason=descriptor-limit")
    served.expectQuiet()
    let before = try cpuTicks(of: server)
    usleep(500_000)
    #expect(try cpuTicks(of: server) - before < 25, "the server is spinning")
    served.expectQuiet()
    others.removeAll()
    try eventually("a new connection is served") {
      let client = try server.connect()
      client.send("LOGIN later open\n")
      return String(decoding: client.readAll(quietFor: 300), as: UTF8.self) == "200\n"
    }
    #expect(server.logLines.count { $0.contains("refuse reason=descriptor-limit") } == 1)
    #expect(server.stop() == 0)
  }

  /// User and system time, in hundredths of a second.
  private func cpuTicks(of server: ServerProcess) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(server.process.processIdentifier)/stat", encoding: .utf8)
    let fields = text.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
    return try #require(Int(fields[11])) + #require(Int(fields[12]))
  }
}
