// What happens when events come faster than they are taken.

import Foundation
import SSMPClient
import Testing

@Suite("Buffering")
struct BufferingTests {
  @Test(
    "suspend: nothing more is read while the buffer is full, nothing is lost, and the server hears that the client is there"
  )
  func suspends() async throws {
    let sent = Collected<Int>()
    let lines = Collected<String>()
    let isDone = Signal()
    let server = try ScriptedServer { connection in
      connection.answersPings = true
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      // Two threads that answer would tear each other's lines.
      connection.answersPings = false
      Thread { while let line = try? connection.line() { lines.add(line) } }.start()
      let payload = String(repeating: "x", count: 1000)
      for number in 0..<30_000 {
        guard connection.send("000 a MCAST t \(number) \(payload)\n") else { return }
        sent.add(number)
      }
      try isDone.wait()
    }
    var configuration = try server.configuration()
    configuration.timeouts.ping = .milliseconds(100)
    configuration.timeouts.closing = .milliseconds(50)
    let client = try await SSMPClient.connect(configuration)
    let subscription = try await client.subscribe(to: "t", buffering: .suspend(limit: 16))
    try await eventually("the client says that it is there") { lines.all.contains("PONG") }
    // The kernel holds some megabytes; the rest waits at the server.
    #expect(sent.all.count < 29_000)
    var next = 0
    for try await event in subscription {
      guard case .message(_, let payload) = event else { continue }
      try #require(payload.description.hasPrefix("\(next) "))
      next += 1
      if next == 30_000 { break }
    }
    isDone.set()
    await client.close()
  }

  @Test("suspend: what comes while a response is owed is bounded at four times the limit")
  func bounded() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      try connection.expect("MCAST u x")
      for _ in 0..<100 {
        guard connection.send("000 a MCAST t x\n") else { return }
        usleep(1_000)
      }
      connection.send("200\n")
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let subscription = try await client.subscribe(to: "t", buffering: .suspend(limit: 10))
    try await client.multicast("x", to: "u")
    await #expect(throws: SSMPError.overflow) { for try await _ in subscription {} }
    // The others go on.
    try await client.multicast("y", to: "u")
    await client.close()
  }

  @Test("dropOldest: the newest stay, and the sequence tells how many were lost")
  func drops() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      for number in 0..<100 { connection.send("000 a MCAST t \(number)\n") }
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let subscription = try await client.subscribe(to: "t", buffering: .dropOldest(limit: 10))
    // Behind all events.
    try await client.multicast("x", to: "u")
    try await Task.sleep(for: .milliseconds(100))
    var iterator = subscription.makeAsyncIterator()
    var events: [SSMPClient.TopicEvent] = []
    for _ in 0..<11 { if let event = try await iterator.next() { events.append(event) } }
    #expect(events.first == .lost(90))
    #expect(events.dropFirst() == (90..<100).map { .message(from: "a", Payload(stringLiteral: "\($0)")) }[...])
    await client.close()
  }

  @Test("fail: a buffer that is full ends the sequence and nothing else")
  func fails() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      connection.send(String(repeating: "000 a MCAST t x\n", count: 100))
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let subscription = try await client.subscribe(to: "t", buffering: .fail(limit: 10))
    try await client.multicast("x", to: "u")
    try await Task.sleep(for: .milliseconds(100))
    await #expect(throws: SSMPError.overflow) { for try await _ in subscription {} }
    try await client.multicast("y", to: "u")
    await client.close()
  }

  @Test("Messages that no task takes hold nothing up")
  func unread() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      connection.send(String(repeating: "000 a UCAST me x\n", count: 10_000))
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    try await client.multicast("x", to: "t")
    try await Task.sleep(for: .milliseconds(50))
    var messages = client.messages.makeAsyncIterator()
    guard case .lost(let count) = try await messages.next() else {
      Issue.record("nothing was lost")
      return
    }
    #expect(count == 10_000 - 1024)
    await client.close()
  }

  @Test("A loop that is left loses nothing: the next one goes on where it ended")
  func leavesAndReturns() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      for number in 0..<10 { connection.send("000 a MCAST t \(number)\n000 a UCAST me \(number)\n") }
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let subscription = try await client.subscribe(to: "t")
    try await client.multicast("all has come", to: "u")
    for number in 0..<10 {
      for try await event in subscription {
        #expect(event == .message(from: "a", Payload(stringLiteral: "\(number)")))
        break
      }
      for try await message in client.messages {
        #expect(message == .unicast(from: "a", Payload(stringLiteral: "\(number)")))
        break
      }
    }
    await client.close()
  }

  @Test("A loop whose task is cancelled ends at once, and what it has not given is there for the next one")
  func cancelledLoop() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("SUBSCRIBE t")
      connection.send("200\n")
      for number in 0..<10 { connection.send("000 a MCAST t \(number)\n") }
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let subscription = try await client.subscribe(to: "t")
    try await client.multicast("all has come", to: "u")
    let task = Task {
      var count = 0
      for try await _ in subscription {
        count += 1
        if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return count
    }
    #expect(try await task.value == 3)
    var iterator = subscription.makeAsyncIterator()
    #expect(try await iterator.next() == .message(from: "a", "3"))
    await client.close()
  }

  @Test("A sequence that has overflowed holds no other up")
  func overflowed() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      for topic in ["t", "u"] {
        try connection.expect("SUBSCRIBE \(topic)")
        connection.send("200\n")
      }
      try connection.expect("MCAST v x")
      for _ in 0..<100 {
        guard connection.send("000 a MCAST t x\n") else { return }
        usleep(500)
      }
      connection.send("200\n")
      usleep(20_000)
      connection.send("000 a MCAST u hello\n")
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let dead = try await client.subscribe(to: "t", buffering: .suspend(limit: 4))
    var other = try await client.subscribe(to: "u").makeAsyncIterator()
    try await client.multicast("x", to: "v")
    #expect(try await other.next() == .message(from: "a", "hello"))
    withExtendedLifetime(dead) {}
    await client.close()
  }

  @Test("A second iterator of the messages does not make them drop, and both of two tasks end when they are cancelled")
  func iterators() async throws {
    let mayGoOn = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try mayGoOn.wait()
      connection.send(String(repeating: "000 a UCAST me x\n", count: 100))
      try connection.answerAll()
    }
    var configuration = try server.configuration()
    configuration.messageBuffering = .suspend(limit: 10)
    let client = try await SSMPClient.connect(configuration)
    var iterator = client.messages.makeAsyncIterator()
    iterator = client.messages.makeAsyncIterator()
    mayGoOn.set()
    for _ in 0..<100 { #expect(try await iterator.next() == .unicast(from: "a", "x")) }
    let tasks = (0..<2).map { _ in Task { for try await _ in client.messages {} } }
    for task in tasks { task.cancel() }
    for task in tasks { try await task.value }
    await client.close()
  }
}
