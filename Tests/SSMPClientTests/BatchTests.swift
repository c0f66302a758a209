// Many messages at once, and PINGs.

import Foundation
import SSMPClient
import Testing

@Suite("Batches and PINGs")
struct BatchTests {
  private func drafts(_ range: Range<Int>) throws -> [SSMPClient.Draft] {
    try range.map { .multicast(try Payload("\($0)"), to: "t") }
  }

  @Test("All messages of a batch are sent in order, among those of other tasks, and each has its own response")
  func order() async throws {
    let lines = Collected<String>()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      while let line = try? connection.line() {
        lines.add(line)
        connection.send(line.hasSuffix("7") ? "404\n" : "200\n")
      }
    }
    let client = try await SSMPClient.connect(server.configuration())
    async let second = client.send(drafts(1000..<2000))
    let first = await client.send(try drafts(0..<1000))
    for (index, result) in first.enumerated() {
      #expect(try result.get().code == (index % 10 == 7 ? 404 : 200))
    }
    #expect(try await second.count == 1000)
    await client.close()
    let numbers = lines.all.compactMap { Int($0.split(separator: " ").last ?? "") }
    #expect(numbers.filter { $0 < 1000 } == Array(0..<1000))
    #expect(numbers.filter { $0 >= 1000 } == Array(1000..<2000))
    #expect(await client.send([]).isEmpty)
    #expect(await client.send([.broadcast("x")]) == [.failure(.closed)])
  }

  @Test("A cancelled batch says of each message whether it was sent, and the client goes on")
  func cancelled() async throws {
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
    let batch = Task { await client.send(Array(repeating: .multicast(payload, to: "t"), count: 20_000)) }
    try await Task.sleep(for: .milliseconds(300))
    batch.cancel()
    let results = await batch.value
    let sent = results.map { result -> SSMPError.Sent? in
      if case .failure(.cancelled(let sent)) = result { sent } else { nil }
    }
    let counts = [SSMPError.Sent.yes, .unknown, .no].map { kind in sent.count { $0 == kind } }
    #expect(counts.reduce(0, +) == 20_000 && counts[0] > 0 && counts[1] <= 1 && counts[2] > 0, "\(counts)")
    mayRead.set()
    try await client.multicast("last", to: "t")
    await client.close()
    #expect(lines.all.count { $0.hasPrefix("MCAST t x") } == counts[0] + counts[1])
    let early = Task { () -> [Result<SSMPClient.Response, SSMPError>] in
      withUnsafeCurrentTask { $0?.cancel() }
      return await client.send([.broadcast("x")])
    }
    #expect(await early.value == [.failure(.cancelled(sent: .no))])
  }

  @Test("A batch whose connection is lost says so of what was not answered")
  func lost() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      for _ in 0..<10 { _ = try connection.line() }
      connection.send(String(repeating: "200\n", count: 10))
    }
    var configuration = try server.configuration()
    configuration.reconnection = .disabled
    let client = try await SSMPClient.connect(configuration)
    let results = await client.send(try drafts(0..<100))
    #expect(results.count { (try? $0.get().code) == 200 } == 10)
    #expect(results.suffix(90).allSatisfy { $0 == .failure(.connectionLost(sent: .unknown)) })
    await client.close()
  }

  @Test("A PING waits for its PONG, whatever else comes; lost and cancelled ones end")
  func ping() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.expect("PING")
      connection.send("000 a UCAST me hi\n000 . PING\n")
      try connection.expect("PONG")
      connection.send("000 . PONG\n")
      try connection.expect("PING")
      try connection.expect("MCAST t x")
      connection.send("200\n000 . PONG\n")
      try connection.expect("PING")
    }
    var configuration = try server.configuration()
    configuration.reconnection = .disabled
    let client = try await SSMPClient.connect(configuration)
    try await client.ping()
    let cancelled = Task { try await client.ping() }
    try await Task.sleep(for: .milliseconds(50))
    cancelled.cancel()
    await #expect(throws: SSMPError.cancelled(sent: .unknown)) { try await cancelled.value }
    try await client.multicast("x", to: "t")
    await #expect(throws: SSMPError.connectionLost(sent: .unknown)) { try await client.ping() }
    await #expect(throws: (any Error).self) { try await client.ping() }
    await client.close()
  }
}
