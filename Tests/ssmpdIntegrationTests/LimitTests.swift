// Limits on connections, subscriptions and descriptors.

import Foundation
import Testing

@Suite("Limits")
struct LimitTests {
  @Test("Beyond --max-connections a connection is closed silently, once one has gone the next is served")
  func connections() throws {
    let server = try ServerProcess(["--open", "--max-connections", "3"])
    var clients = try (0..<3).map { try server.login("c\($0)") }
    for _ in 0..<5 { try server.connect().expectEnd() }
    clients.removeLast()
    try eventually("the place of a closed connection is free") {
      let client = try server.connect()
      client.send("LOGIN next open\n")
      return String(decoding: client.readAll(quietFor: 200), as: UTF8.self) == "200\n"
    }
    #expect(server.logLines.count { $0.contains("refuse reason=connection-limit") } == 1)
    clients[0].expectQuiet()
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
