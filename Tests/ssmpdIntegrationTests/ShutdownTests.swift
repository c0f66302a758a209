// Going down.

import Foundation
import Testing

@Suite("Going down")
struct ShutdownTests {
  @Test("SIGTERM flushes what is pending before it closes", arguments: [1, 2])
  func flushes(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--max-pending", "16MiB"])
    let reader = try TestClient(port: server.port, receiveBuffer: 8192)
    reader.send("LOGIN reader open\n")
    reader.expect("200\n")
    let sender = try server.loginHub("sender")
    let total = 6_000
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<total { sender.send("UCAST reader \(text)\n") }
    for _ in 0..<total { sender.expect("200\n") }
    // Everything has been accepted, and most of it is pending: the reader begins to read only now.
    server.process.terminate()
    for _ in 0..<total {
      let line = try reader.line()
      try #require(line == "000 sender UCAST reader \(text)\n")
    }
    reader.expectEnd()
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test("SIGTERM does not wait longer than two seconds for a peer that does not read")
  func doesNotWaitForEver() throws {
    let server = try ServerProcess(["--open", "--write-timeout", "60s", "--max-pending", "16MiB"])
    let stalled = try TestClient(port: server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    let sender = try server.loginHub("sender")
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<6_000 { sender.send("UCAST stalled \(text)\n") }
    for _ in 0..<6_000 { sender.expect("200\n") }
    let start = Date()
    #expect(server.stop() == 0)
    let seconds = Date().timeIntervalSince(start)
    #expect(seconds > 1 && seconds < 6, "it took \(seconds) s")
    withExtendedLifetime(stalled) {}
  }

  @Test("SIGTERM closes connections one after the other, spread over --drain (Closing connections)")
  func spread() throws {
    let server = try ServerProcess(["--open", "--drain", "1s"])
    let clients = try (0..<10).map { try server.login("c\($0)") }
    let start = Date()
    server.process.terminate()
    for (number, client) in clients.enumerated() {
      client.expectEnd()
      // None before its turn; the clock by which turns are taken is exact to a few milliseconds.
      let passed = Date().timeIntervalSince(start)
      #expect(passed >= Double(number) * 0.1 - 0.01, "c\(number) left after \(passed) s")
    }
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test("Those who stay are served, and told of those who leave, until it is their turn", arguments: [1, 2])
  func served(loops: Int) throws {
    // Seconds enough for a busy machine; the test itself takes none of them.
    let server = try ServerProcess(["--open", "--drain", "20s", "--loops", "\(loops)"])
    // Connections are dealt out in turn: a and b, the first two of a loop each, are on one, where a leaves at once.
    let a = try server.login("a")
    let others = try (1..<loops).map { try server.login("other\($0)") }
    let b = try server.login("b")
    let watcher = loops == 1 ? try server.login("w") : b
    for client in [a, b] {
      client.send("SUBSCRIBE t\n")
      client.expect("200\n")
    }
    let partner = loops == 1 ? b : try server.login("partner")
    if loops == 2 { b.send("UNSUBSCRIBE t\n"); b.expect("200\n") }
    watcher.send("SUBSCRIBE t PRESENCE\n")
    watcher.expect("200\n000 a SUBSCRIBE t\n")
    if loops == 1 { watcher.expect("000 b SUBSCRIBE t\n") }
    server.process.terminate()
    a.expectEnd()
    watcher.expect("000 a UNSUBSCRIBE t\n")
    let name = loops == 1 ? "b" : "partner"
    let own = loops == 1 ? "w" : "b"
    watcher.send("UCAST \(name) still here\n")
    watcher.expect("200\n")
    partner.expect("000 \(own) UCAST \(name) still here\n")
    kill(server.process.processIdentifier, SIGTERM)
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
    withExtendedLifetime(others) {}
  }

  @Test(
    "When many who all watch each other leave, that takes no longer than --drain and the last words", arguments: [1, 2])
  func manyWatchers(loops: Int) throws {
    let count = 150
    // Time to tell half of them on a machine that has much else to do.
    let server = try ServerProcess(["--open", "--drain", "3s", "--loops", "\(loops)"])
    let clients = try (0..<count).map { try server.login("c\($0)") }
    for client in clients {
      client.send("SUBSCRIBE t PRESENCE\n")
      client.expect("200\n")
    }
    let start = Date()
    server.process.terminate()
    server.process.waitUntilExit()
    let seconds = Date().timeIntervalSince(start)
    #expect(server.process.terminationStatus == 0)
    #expect(seconds > 2.9 && seconds < 12, "it took \(seconds) s")
    for (number, client) in clients.enumerated() {
      let text = String(decoding: client.readAll(), as: UTF8.self)
      let gone = text.split(separator: "\n").filter { $0.contains(" UNSUBSCRIBE ") }
      #expect(Set(gone).count == gone.count, "c\(number) was told twice")
      #expect(!gone.contains("000 c\(number) UNSUBSCRIBE t"))
      // The loops take their turns side by side: whoever is last of one has been told of nearly all.
      if number >= count - loops { #expect(gone.count >= count / 2, "c\(number) was told of \(gone.count)") }
    }
  }

  @Test("Without connections, SIGTERM ends the server at once, however long --drain is")
  func nobody() throws {
    let server = try ServerProcess(["--open", "--drain", "1h"])
    let start = Date()
    #expect(server.stop() == 0)
    #expect(Date().timeIntervalSince(start) < 10)
  }

  @Test("When the last connection leaves by itself, the rest of --drain is not waited for")
  func everybodyLeaves() throws {
    let server = try ServerProcess(["--open", "--drain", "1h"])
    let clients = try (0..<3).map { try server.login("c\($0)") }
    server.process.terminate()
    clients[0].expectEnd()
    for client in clients { client.send("CLOSE\n") }
    for client in clients.dropFirst() {
      client.expect("200\n")
      client.expectEnd()
      client.endOutput()
    }
    clients[0].endOutput()
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test("Whoever has not logged in is closed right away")
  func notLoggedIn() throws {
    let server = try ServerProcess(["--open", "--drain", "1h"])
    let first = try server.login("a")
    let waiting = try server.connect()
    let second = try server.login("b")
    server.process.terminate()
    first.expectEnd()
    waiting.expectEnd()
    second.expectQuiet()
    kill(server.process.processIdentifier, SIGTERM)
    server.process.waitUntilExit()
  }

  @Test("SIGINT spreads nothing, and a second signal ends the server at once", arguments: [SIGINT, SIGTERM])
  func impatient(signal: Int32) throws {
    let server = try ServerProcess(["--open", "--drain", "1h"])
    let clients = try (0..<3).map { try server.login("c\($0)") }
    kill(server.process.processIdentifier, signal)
    clients[0].expectEnd()
    if signal == SIGTERM {
      clients[2].expectQuiet()
      kill(server.process.processIdentifier, SIGINT)
    }
    for client in clients { client.expectEnd() }
    server.process.waitUntilExit()
    #expect(server.process.terminationReason == .exit)
    #expect(server.process.terminationStatus == 0)
    #expect(server.logLines.contains { $0.contains(" how=at-once") } == (signal == SIGTERM))
  }

  @Test("Without a time to spread them over, SIGTERM closes connections together, and the log says so")
  func together() throws {
    let server = try ServerProcess(["--open", "--drain", "0"])
    let clients = try (0..<3).map { try server.login("c\($0)") }
    kill(server.process.processIdentifier, SIGTERM)
    for client in clients { client.expectEnd() }
    server.process.waitUntilExit()
    #expect(server.logLines.contains { $0.hasSuffix("server stop signal=SIGTERM how=together") })
  }

  @Test("Input that has not been read does not destroy what is pending: the connection is not reset")
  func unreadInput() throws {
    let server = try ServerProcess(["--open", "--drain", "0"])
    let client = try TestClient(port: server.port, receiveBuffer: 4096)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    // Replies that are not read make the server stop reading.
    let text = Array(String(repeating: "SUBSCRIBE t\nUNSUBSCRIBE t\n", count: 1000).utf8)
    try eventually("the server reads no more") {
      while client.sendSome(text) > 0 {}
      return try server.report()["pending", default: 0] > 256 << 10
    }
    server.process.terminate()
    let replies = client.readAll()
    #expect(client.hasEnded && client.error == 0, "errno \(client.error)")
    #expect(replies.count > 256 << 10)
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test("Over TLS, each connection ends by a close_notify when it is its turn, and a handshake right away")
  func secured() throws {
    let server = try TLSServer(["--drain", "1h"])
    let first = try server.login("a")
    let waiting = try TestClient(port: try server.process.port(of: "tls"))
    waiting.send([22, 3, 1])
    let second = try server.login("b")
    second.send("UCAST a last words\n")
    second.expect("200\n")
    server.process.process.terminate()
    first.expect("000 b UCAST a last words\n")
    first.expectEnd()
    waiting.expectEnd()
    second.expectQuiet()
    kill(server.process.process.processIdentifier, SIGINT)
    second.expectEnd()
    server.process.process.waitUntilExit()
    #expect(server.process.process.terminationStatus == 0)
  }
}
