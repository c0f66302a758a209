// How clients begin and end.

import Foundation
import SSMPClient
import Testing

@Suite("Life of a client")
struct LifeTests {
  @Test("Connecting starts everything, and the scope of withClient ends with CLOSE")
  func scope() async throws {
    let lines = Collected<String>()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll { lines.add($0) }
    }
    let result = try await SSMPClient.withClient(server.configuration()) { client in
      try await client.multicast("x", to: "t")
      return 5
    }
    #expect(result == 5)
    #expect(lines.all == ["MCAST t x", "CLOSE"])
  }

  @Test("What was accepted is sent before CLOSE, however much the kernel holds back")
  func closing() async throws {
    let lines = Collected<String>()
    let mayRead = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try mayRead.wait()
      try connection.answerAll { lines.add($0) }
    }
    var configuration = try server.configuration()
    configuration.timeouts.closing = .seconds(20)
    let client = try await SSMPClient.connect(configuration)
    let payload = try Payload(String(repeating: "x", count: 1024))
    let accepted = Collected<Int>()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<8000 {
        group.addTask { if (try? await client.multicast(payload, to: "t")) != nil { accepted.add(number) } }
      }
      group.addTask {
        try? await Task.sleep(for: .milliseconds(300))
        mayRead.set()
        await client.close()
      }
    }
    #expect(lines.all.last == "CLOSE")
    #expect(accepted.all.count > 0 && lines.all.count == accepted.all.count + 1)
  }

  @Test("A server that does not answer CLOSE is waited for no longer than the time for closing")
  func silentClose() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.waitForEnd()
    }
    var configuration = try server.configuration()
    configuration.timeouts.closing = .milliseconds(100)
    let client = try await SSMPClient.connect(configuration)
    await client.close()
    #expect(client.state == .closed)
    await #expect(throws: SSMPError.closed) { try await client.multicast("x", to: "t") }
    await client.close()
  }

  @Test("Sequences end with the client, and do not throw when it was closed")
  func sequences() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    var topic = try await client.subscribe(to: "t").makeAsyncIterator()
    var messages = client.messages.makeAsyncIterator()
    var events = client.events().makeAsyncIterator()
    var states = client.states.makeAsyncIterator()
    await client.close()
    #expect(try await topic.next() == nil)
    #expect(try await messages.next() == nil)
    #expect(try await events.next() == nil)
    #expect(await states.next() == .online)
    #expect(await states.next() == .closed)
    #expect(await states.next() == nil)
  }

  @Test("A cancelled task ends the scope cleanly, with CLOSE")
  func cancelledScope() async throws {
    let lines = Collected<String>()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll { lines.add($0) }
    }
    let configuration = try server.configuration()
    let task = Task {
      try await SSMPClient.withClient(configuration) { client in
        for try await _ in try await client.subscribe(to: "t") {}
      }
    }
    try await eventually("the client subscribes") { lines.all.contains("SUBSCRIBE t") }
    task.cancel()
    try await task.value
    #expect(lines.all.last == "CLOSE")
    #expect(lines.all.contains("UNSUBSCRIBE t"))
  }

  @Test("Cancelling while it connects ends the attempt")
  func cancelledConnect() async throws {
    let server = try ScriptedServer { try $0.waitForEnd() }
    let configuration = try server.configuration()
    let task = Task { try await SSMPClient.connect(configuration) }
    try await eventually("the server has accepted") { server.connections == 1 }
    task.cancel()
    await #expect(throws: SSMPError.cancelled(sent: .no)) { _ = try await task.value }
  }

  @Test("A client that is dropped closes itself, and leaves no descriptor behind")
  func dropped() async throws {
    let closes = Collected<String>()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll { if $0 == "CLOSE" { closes.add($0) } }
    }
    for _ in 0..<20 { _ = try await SSMPClient.connect(server.configuration()) }
    try await eventually("all have said CLOSE") { closes.all.count == 20 }
    let port = server.port
    try await eventually("all sockets are closed") { try openSockets(to: port) == 0 }
  }

  /// The sockets of this process that are connected to a port: the clients' ends.
  private func openSockets(to port: UInt16) throws -> Int {
    let table = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
    let remote = String(format: "0100007F:%04X", port)
    return table.split(separator: "\n").dropFirst().count { line in
      let fields = line.split(separator: " ")
      // 01: established.
      return fields.count > 9 && fields[2] == remote && fields[3] == "01"
    }
  }
}
