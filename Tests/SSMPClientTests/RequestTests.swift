// Requests and their responses.

import Foundation
import SSMPClient
import Testing

@Suite("Requests")
struct RequestTests {
  @Test("A cancelled request keeps its place, and its response is dropped")
  func cancelled() async throws {
    let gotFirst = Signal()
    let mayAnswer = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("MCAST t one")
      gotFirst.set()
      try connection.expect("MCAST t two")
      try mayAnswer.wait()
      connection.send("404\n200\n")
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let first = Task { try await client.multicast("one", to: "t") }
    try await eventually("the script has come so far") { gotFirst.isReached }
    let second = Task { try await client.multicast("two", to: "t") }
    first.cancel()
    await #expect(throws: SSMPError.cancelled(sent: .yes)) { try await first.value }
    mayAnswer.set()
    try await second.value
    #expect(server.connections == 1)
    await client.close()
  }

  @Test("A request that is cancelled before anything of it has left is not sent")
  func withdrawn() async throws {
    let mayRead = Signal()
    let lines = Collected<String>()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try mayRead.wait()
      try connection.answerAll { lines.add($0) }
    }
    let client = try await SSMPClient.connect(server.configuration())
    let payload = try Payload(String(repeating: "x", count: 1024))
    // More than the kernel takes.
    let flood = Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<10_000 { group.addTask { try? await client.multicast(payload, to: "t") } }
      }
    }
    try await Task.sleep(for: .milliseconds(300))
    let late = Task { try await client.multicast("late", to: "t") }
    try await Task.sleep(for: .milliseconds(50))
    late.cancel()
    await #expect(throws: SSMPError.cancelled(sent: .no)) { try await late.value }
    mayRead.set()
    await flood.value
    await client.close()
    #expect(lines.all.count { $0.hasPrefix("MCAST") } == 10_000)
    #expect(!lines.all.contains("MCAST t late"))
  }

  @Test("A response that does not come in time is an error, one that comes later is dropped")
  func late() async throws {
    let mayAnswer = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("MCAST t slow")
      try mayAnswer.wait()
      connection.send("404\n")
      try connection.answerAll()
    }
    var configuration = try server.configuration()
    configuration.timeouts.response = .milliseconds(100)
    let client = try await SSMPClient.connect(configuration)
    await #expect(throws: SSMPError.timedOut(sent: .yes)) { try await client.multicast("slow", to: "t") }
    mayAnswer.set()
    try await client.multicast("next", to: "t")
    await client.close()
  }

  @Test("The time for a response counts from the server's last byte")
  func holding() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("MCAST t x")
      // Twice the time for a response, but the server is there.
      for _ in 0..<20 {
        usleep(100_000)
        connection.send("000 other UCAST me hello\n")
      }
      connection.send("200\n")
      try connection.answerAll()
    }
    var configuration = try server.configuration()
    configuration.timeouts.response = .seconds(1)
    let client = try await SSMPClient.connect(configuration)
    try await client.multicast("x", to: "t")
    await client.close()
  }

  @Test("A connection that is lost says of each request whether it may have been received")
  func lost() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("MCAST t x")
      connection.reset()
    }
    var configuration = try server.configuration()
    configuration.reconnection = .disabled
    let client = try await SSMPClient.connect(configuration)
    await #expect(throws: SSMPError.connectionLost(sent: .unknown)) { try await client.multicast("x", to: "t") }
    await #expect(throws: SSMPError.self) { try await client.multicast("y", to: "t") }
  }

  @Test("A connection that ends at each byte of a message ends no other way than by an error")
  func cut() async throws {
    let event = Array("000 a MCAST t payload\n200\n".utf8)
    for length in 0..<event.count {
      let server = try ScriptedServer { connection in
        try connection.logIn()
        try connection.expect("SUBSCRIBE t")
        connection.send("200\n")
        connection.send(Array(event[..<length]))
      }
      var configuration = try server.configuration()
      configuration.reconnection = .disabled
      let client = try await SSMPClient.connect(configuration)
      let subscription = try await client.subscribe(to: "t")
      var events: [SSMPClient.TopicEvent] = []
      do {
        for try await event in subscription { events.append(event) }
        Issue.record("the sequence has ended without an error")
      } catch {
        #expect(error == .connectionLost(sent: .unknown) || error == .violation("it has answered 200 to nothing"))
      }
      let hasEvent = length >= event.count - 4
      #expect(events.contains(.message(from: "a", "payload")) == hasEvent, "after \(length) bytes: \(events)")
    }
  }

  @Test(
    "A server that breaks the protocol is left at once (Invalid messages; Forward compatibility)",
    arguments: ["hello\n", "200\n", "000 . NEWS x\n", "000 a MCAST t\n", "20\n", "000 a LOGIN b open\n", "\u{0}\n"])
  func garbage(text: String) async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      connection.send(text)
      try connection.waitForEnd()
    }
    var configuration = try server.configuration()
    configuration.reconnection = .disabled
    let client = try await SSMPClient.connect(configuration)
    var last: SSMPClient.State?
    for await state in client.states { last = state }
    guard case .offline(.violation, next: nil) = last else {
      Issue.record("\(String(describing: last))")
      return
    }
  }

  @Test("A PING is answered by PONG (Server-initiated)")
  func pong() async throws {
    let isDone = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      connection.send("000 . PING\n")
      try connection.expect("PONG")
      isDone.set()
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    try await eventually("the script has come so far") { isDone.isReached }
    await client.close()
  }

  @Test("Silence is answered by a PING, and a PING without PONG ends the connection (Client-initiated)")
  func silence() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      if connection.number > 1 { return try connection.answerAll() }
      try connection.expect("PING")
      connection.send("000 . PONG\n")
      try connection.expect("PING")
      try connection.waitForEnd()
    }
    var configuration = try server.configuration()
    configuration.timeouts.ping = .milliseconds(60)
    configuration.timeouts.pong = .seconds(1)
    let client = try await SSMPClient.connect(configuration)
    try await eventually("the client has come back") { server.connections == 2 && client.state == .online }
    await client.close()
  }

  @Test("A server that never reads holds nothing up but its own requests")
  func neverReads() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      while connection.send("000 a UCAST me hello\n") { usleep(2_000) }
    }
    var configuration = try server.configuration()
    configuration.timeouts.response = .seconds(30)
    configuration.timeouts.closing = .milliseconds(50)
    let client = try await SSMPClient.connect(configuration)
    let payload = try Payload(String(repeating: "x", count: 1024))
    let flood = Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<10_000 { group.addTask { try? await client.multicast(payload, to: "t") } }
      }
    }
    var messages = client.messages.makeAsyncIterator()
    var count = 0
    while count < 20, let message = try await messages.next() {
      if message == .unicast(from: "a", "hello") { count += 1 }
    }
    #expect(count == 20)
    await client.close()
    await flood.value
  }

  @Test("A request from within an event's handler is answered though the buffer is full")
  func withinHandler() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      connection.send(String(repeating: "000 a MCAST t x\n", count: 12))
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    var count = 0
    for try await event in try await client.subscribe(to: "t", buffering: .suspend(limit: 4)) {
      guard case .message = event else { continue }
      count += 1
      try await client.multicast("from the handler", to: "u")
      if count == 12 { break }
    }
    await client.close()
  }

  @Test("Thousands of requests whose time is over at the same moment hold up nothing else")
  func manyExpire() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn("slow")
      try connection.waitForSilence()
    }
    let healthy = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll()
    }
    var configuration = try server.configuration("slow")
    configuration.timeouts.response = .milliseconds(500)
    configuration.timeouts.closing = .milliseconds(10)
    let slow = try await SSMPClient.connect(configuration)
    let client = try await SSMPClient.connect(healthy.configuration())
    let payload = try Payload(String(repeating: "x", count: 1024))
    let start = ContinuousClock.now
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<12_000 {
        group.addTask { (try? await slow.multicast(payload, to: "t")) == nil }
      }
      group.addTask {
        for _ in 0..<20 {
          guard (try? await client.multicast("x", to: "t")) != nil else { return false }
          try? await Task.sleep(for: .milliseconds(50))
        }
        return true
      }
      for await isExpected in group { #expect(isExpected) }
    }
    // It took 80 s when each request moved all that follow.
    #expect(ContinuousClock.now - start < .seconds(40))
    await slow.close()
    await client.close()
  }

  @Test("Requests leave in the order of the calls, SUBSCRIBE and the end included")
  func callOrder() async throws {
    for _ in 0..<20 {
      let lines = Collected<String>()
      let server = try ScriptedServer { connection in
        try connection.logIn()
        try connection.answerAll { lines.add($0) }
      }
      let client = try await SSMPClient.connect(server.configuration())
      let tasks = (0..<5).map { number in
        Task.immediate { try await client.multicast(Payload(stringLiteral: "\(number)"), to: "t") }
      }
      let subscription = Task.immediate { try await client.subscribe(to: "s") }
      await client.close()
      for task in tasks { try await task.value }
      _ = try? await subscription.value
      #expect(lines.all.prefix(6) == ["MCAST t 0", "MCAST t 1", "MCAST t 2", "MCAST t 3", "MCAST t 4", "SUBSCRIBE s"])
      #expect(lines.all.last == "CLOSE")
    }
  }

  @Test("A subscription that is not answered in time ends the connection")
  func subscriptionTimeout() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      if connection.number > 1 { return try connection.answerAll() }
      try connection.expect("SUBSCRIBE t")
      // PINGs are no progress.
      while connection.send("000 . PING\n") { usleep(20_000) }
    }
    var configuration = try server.configuration()
    configuration.timeouts.response = .milliseconds(200)
    let client = try await SSMPClient.connect(configuration)
    await #expect(throws: SSMPError.connectionLost(sent: .yes)) { _ = try await client.subscribe(to: "t") }
    try await eventually("it is back") { server.connections == 2 && client.state == .online }
    await client.close()
  }
}
