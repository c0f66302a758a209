// Connections that are lost.

import Foundation
import SSMPClient
import Testing

@Suite("Reconnection")
struct ReconnectionTests {
  @Test("A lost connection is made again, and its topics are subscribed to again before the client is online")
  func resubscribes() async throws {
    let mayAnswer = Signal()
    let gotAll = Signal()
    let mayBreak = Signal()
    let server = try ScriptedServer { connection in
      try connection.logIn()
      if connection.number == 1 {
        try connection.expect("SUBSCRIBE a")
        connection.send("200\n")
        try connection.expect("SUBSCRIBE b PRESENCE")
        connection.send("200\n000 old SUBSCRIBE b\n")
        return try mayBreak.wait()
      }
      try connection.expect("SUBSCRIBE a")
      try connection.expect("SUBSCRIBE b PRESENCE")
      gotAll.set()
      try mayAnswer.wait()
      connection.send("200\n000 x MCAST a again\n200\n000 new SUBSCRIBE b PRESENCE\n")
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    var a = try await client.subscribe(to: "a").makeAsyncIterator()
    var b = try await client.subscribe(to: "b", presence: true).makeAsyncIterator()
    #expect(try await b.next() == .joined("old", watches: false))
    mayBreak.set()
    #expect(try await a.next() == .interrupted)
    try await eventually("the script has come so far") { gotAll.isReached }
    #expect(client.state != .online)
    await #expect(throws: SSMPError.offline) { try await client.multicast("x", to: "t") }
    await #expect(throws: SSMPError.offline) { _ = try await client.subscribe(to: "c") }
    mayAnswer.set()
    #expect(try await a.next() == .resumed)
    #expect(try await a.next() == .message(from: "x", "again"))
    #expect(try await b.next() == .interrupted)
    #expect(try await b.next() == .resumed)
    #expect(try await b.next() == .joined("new", watches: true))
    try await eventually("it is online") { client.state == .online }
    #expect(client.roster(of: "b") == ["new": true])
    await client.close()
  }

  @Test("A second loss between two resubscriptions is made good as well")
  func midway() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      switch connection.number {
      case 1:
        try connection.expect("SUBSCRIBE a")
        connection.send("200\n")
        try connection.expect("SUBSCRIBE b")
        connection.send("200\n")
        usleep(50_000)
      case 2:
        try connection.expect("SUBSCRIBE a")
        connection.send("200\n")
        // Dead between two resubscriptions.
        connection.reset()
      default:
        try connection.answerAll { line in
          if line == "SUBSCRIBE b" {
            Thread {
              usleep(50_000); connection.send("000 x MCAST b hello\n")
            }.start()
          }
        }
      }
    }
    let client = try await SSMPClient.connect(server.configuration())
    let a = try await client.subscribe(to: "a")
    var b = try await client.subscribe(to: "b").makeAsyncIterator()
    #expect(try await b.next() == .interrupted)
    #expect(try await b.next() == .resumed)
    #expect(try await b.next() == .message(from: "x", "hello"))
    var events = a.makeAsyncIterator()
    #expect(try await events.next() == .interrupted)
    #expect(try await events.next() == .resumed)
    await client.close()
  }

  @Test("A topic that the server no longer allows ends its sequence, and no other")
  func refused() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      if connection.number == 1 {
        try connection.expect("SUBSCRIBE a")
        connection.send("200\n")
        try connection.expect("SUBSCRIBE b")
        connection.send("200\n")
        return usleepAndReturn()
      }
      try connection.expect("SUBSCRIBE a")
      try connection.expect("SUBSCRIBE b")
      connection.send("405\n200\n")
      try connection.answerAll()
    }
    let client = try await SSMPClient.connect(server.configuration())
    let a = try await client.subscribe(to: "a")
    var b = try await client.subscribe(to: "b").makeAsyncIterator()
    await #expect(throws: SSMPError.refused(.init(code: 405))) { for try await _ in a {} }
    #expect(try await b.next() == .interrupted)
    #expect(try await b.next() == .resumed)
    await client.close()
  }

  @Test("Three connections that the server ends within ten seconds of the login make the client wait for long")
  func contested() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      usleep(10_000)
    }
    var configuration = try server.configuration()
    configuration.reconnection.longestPause = .seconds(600)
    let client = try await SSMPClient.connect(configuration)
    try await eventually("it is contested") { client.state == .contested }
    #expect(server.connections == 3)
    await #expect(throws: SSMPError.contested) { try await client.multicast("x", to: "t") }
    await client.close()
  }

  @Test("Connections that break, or break the protocol, are no contest", arguments: ["reset", "garbage"])
  func noContest(kind: String) async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      if connection.number > 5 { return try connection.answerAll() }
      if kind == "garbage" { connection.send("garbage\n") }
      usleep(5_000)
      if kind == "reset" { connection.reset() } else { try connection.waitForEnd() }
    }
    let client = try await SSMPClient.connect(server.configuration())
    try await eventually("it is online at last") { server.connections == 6 && client.state == .online }
    await client.close()
  }

  @Test("A server that cannot be used does not keep the next one from being used")
  func nextServer() async throws {
    let refusing = try ScriptedServer { connection in
      _ = try connection.line()
      connection.send("401 cert\n")
    }
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll()
    }
    var configuration = try server.configuration()
    configuration.servers = [try refusing.address, try server.address]
    let client = try await SSMPClient.connect(configuration)
    #expect(client.state == .online)
    await client.close()
  }

  @Test("A credential that is not there for a moment does not end a client that was online")
  func missingCredential() async throws {
    struct Missing: Error {}
    let server = try ScriptedServer { connection in
      _ = try connection.line()
      connection.send("200\n")
      if connection.number > 1 { return try connection.answerAll() }
      usleep(20_000)
    }
    let reads = Collected<Int>()
    var configuration = try server.configuration()
    configuration.login = .secret(
      "me",
      .provided {
        reads.add(1)
        if (2...3).contains(reads.all.count) { throw Missing() }
        return "word"
      })
    let client = try await SSMPClient.connect(configuration)
    try await eventually("it is back") { server.connections == 2 && client.state == .online }
    #expect(reads.all.count == 4)
    await client.close()
  }

  @Test("A refused login is final, and names the schemes")
  func loginRefused() async throws {
    let server = try ScriptedServer { connection in
      _ = try connection.line()
      connection.send("401 cert secret\n")
    }
    var configuration = try server.configuration()
    configuration.reconnection.appliesToStart = true
    await #expect(throws: SSMPError.loginRefused(schemes: ["cert", "secret"])) {
      _ = try await SSMPClient.connect(configuration)
    }
    #expect(server.connections == 1)
  }

  @Test("The first of several servers that is there is used, and each is tried once before connect throws")
  func servers() async throws {
    let server = try ScriptedServer { connection in
      try connection.logIn()
      try connection.answerAll()
    }
    let dead = try ScriptedServer { _ in }
    dead.stop()
    var configuration = try server.configuration()
    configuration.servers = [try .init("tcp://127.0.0.1:1"), try dead.address, try server.address]
    let client = try await SSMPClient.connect(configuration)
    #expect(client.state == .online)
    await client.close()
    configuration.servers = [try .init("tcp://127.0.0.1:1")]
    do {
      _ = try await SSMPClient.connect(configuration)
      Issue.record("it has connected")
    } catch {
      #expect("\(error)" == "the server cannot be reached: tcp://127.0.0.1:1: 127.0.0.1:1: Connection refused")
    }
  }

  @Test("With appliesToStart a server that comes later is waited for")
  func start() async throws {
    let holder = try ScriptedServer { _ in }
    let port = holder.port
    holder.stop()
    var configuration = SSMPClient.Configuration(try .init("tcp://127.0.0.1:\(port)"), login: .open("me"))
    configuration.reconnection.appliesToStart = true
    configuration.reconnection.longestPause = .milliseconds(20)
    let task = Task { [configuration] in try await SSMPClient.connect(configuration) }
    try await Task.sleep(for: .milliseconds(100))
    let server = try ScriptedServer(port: port) { connection in
      try connection.logIn()
      try connection.answerAll()
    }
    let client = try await task.value
    #expect(client.state == .online && server.connections == 1)
    await client.close()
  }

  @Test("One deadline covers the name, TCP, TLS and LOGIN", arguments: ["tcp", "tls"])
  func stalled(scheme: String) async throws {
    let server = try ScriptedServer { try $0.waitForEnd() }
    var configuration = SSMPClient.Configuration(
      try .init("\(scheme)://127.0.0.1:\(server.port)"), login: .open("me"), tls: .trustingAnybody())
    configuration.timeouts.connecting = .milliseconds(150)
    let start = ContinuousClock.now
    await #expect(throws: SSMPError.self) { _ = try await SSMPClient.connect(configuration) }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test("A credential is read for each connection, sent, and shown nowhere")
  func credential() async throws {
    let lines = Collected<String>()
    let server = try ScriptedServer { connection in
      let login = try connection.line() ?? ""
      lines.add(login)
      if connection.number > 1 {
        connection.send("401 secret\n")
        return
      }
      connection.send("200\n")
      usleep(20_000)
    }
    let numbers = Collected<Int>()
    let trace = Collected<String>()
    var configuration = SSMPClient.Configuration(
      try server.address,
      login: .secret(
        "me",
        .provided {
          numbers.add(1)
          return "word\(numbers.all.count)"
        }))
    configuration.reconnection.firstPause = .milliseconds(1)
    configuration.trace = { trace.add($0.description) }
    let client = try await SSMPClient.connect(configuration)
    var last: SSMPClient.State?
    for await state in client.states { last = state }
    #expect(last == .offline(.loginRefused(schemes: ["secret"]), next: nil))
    #expect(lines.all == ["LOGIN me secret word1", "LOGIN me secret word2"])
    #expect(trace.all.first == "> LOGIN me secret ***" && trace.all[1] == "< 200")
    #expect(!trace.all.joined().contains("word"))
  }
}

private func usleepAndReturn() { usleep(50_000) }
