// Long listings, while others work.

import Foundation
import Testing

@Suite("Long listings")
struct AdminListingTests {
  /// Logs `count` subscriptions in, to topics `name/0` and so on.
  private func subscribe(_ client: TestClient, _ name: String, _ count: Int) {
    for number in 0..<count { client.send("SUBSCRIBE \(name)/\(number)\n") }
    for _ in 0..<count { client.expect("200\n") }
  }

  @Test("Thousands of topics are listed, each once, while messages flow and topics come and go", arguments: [1, 2])
  func topics(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)", "--max-subscriptions", "10000"])
    let a = try server.process.login("a")
    let b = try server.process.login("b")
    subscribe(a, "blue", 5000)
    subscribe(b, "red", 300)
    let sender = try server.process.login("sender")
    let isDone = DoneFlag()
    try inParallel(2) { part in
      if part == 0 {
        defer { isDone.set() }
        let admin = try server.connect()
        for _ in 0..<5 {
          let blue = try admin.ask("topics blue/")
          #expect(blue.last == "ok count=5000")
          #expect(Set(blue.dropLast()).count == 5000 && blue[0].hasSuffix(" subscribers=1 watchers=0"))
          #expect(try admin.ask("topics red/").last == "ok count=300")
        }
      } else {
        var number = 0
        while !isDone.isSet {
          sender.send("SUBSCRIBE x\(number)\nMCAST blue/\(number % 5000) hello\nUNSUBSCRIBE x\(number)\n")
          sender.expect("200\n200\n200\n")
          a.expect("000 sender MCAST blue/\(number % 5000) hello\n")
          number += 1
        }
        #expect(number > 0)
      }
    }
    #expect(try server.ask("connection a").last == "ok")
    #expect(try server.ask("connection a").count(where: { $0.hasPrefix("topic=blue/") }) == 5000)
  }

  @Test("Hundreds of connections are listed over the bounds of the pieces, and by prefix", arguments: [1, 2])
  func connections(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let clients = try (0..<700).map { try server.process.login("\($0 % 2 == 0 ? "even" : "odd")/\($0)") }
    for client in clients { client.send("SUBSCRIBE all\n") }
    for client in clients { client.expect("200\n") }
    let admin = try server.connect()
    let all = try admin.ask("connections")
    #expect(all.last == "ok count=700" && Set(all).count == 701)
    #expect(try admin.ask("connections odd/").last == "ok count=350")
    let topic = try admin.ask("topic all")
    #expect(topic.last == "ok count=700" && Set(topic).count == 702)
    #expect(try server.metrics()["ssmpd_connections{state=\"logged-in\",scheme=\"open\"}"] == 700)
    withExtendedLifetime(clients) {}
  }

  @Test("An operator who stops reading a listing keeps nobody waiting: clients are served, and other operators")
  func stoppedReader() throws {
    let server = try AdminServerProcess(["--open", "--max-subscriptions", "20000"])
    let a = try server.process.login("a")
    subscribe(a, "a-topic-with-quite-a-long-name-so-that-buffers-are-filled", 12_000)
    let stopped = try server.connect()
    for _ in 0..<20 { stopped.client.send("topics\n") }
    for _ in 0..<200 { #expect(a.expectQuiet()) }
    #expect(try server.ask("topics").last == "ok count=12000")
    for _ in 0..<200 { #expect(a.expectQuiet()) }
    // It gets all of it when it reads again.
    for _ in 0..<20 { #expect(try stopped.answer().last == "ok count=12000") }
  }
}

/// Something that one thread sets and others see.
private final class DoneFlag: @unchecked Sendable {
  private let lock = NSLock()
  private var value = false

  func set() { lock.withLock { value = true } }
  var isSet: Bool { lock.withLock { value } }
}
