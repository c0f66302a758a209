// Requests, answers and discovery between clients (docs/services.md).

import Foundation
import SSMPClient
import Testing

@Suite("Services")
struct ClientServicesTests {
  private static func configuration(_ server: ServerProcess, _ id: ID) throws -> SSMPClient.Configuration {
    .init(try .init("tcp://127.0.0.1:\(server.port)"), login: .open(id))
  }

  /// Runs an instance of the service `echo` while `body` runs.
  private func withEcho(
    _ server: ServerProcess, _ id: ID, load: SSMPClient.ServiceLoad = .init(), _ body: () async throws -> Void
  ) async throws {
    let client = try await SSMPClient.connect(Self.configuration(server, id))
    let service = Task {
      try await client.serve(
        "echo", version: "2.1", load: load,
        verbs: [
          "echo": { call in .ok(call.argument, bytes: call.bytes) },
          "slow": { call in
            try await call.part("one")
            try await call.part("two", bytes: [1, 10, 2])
            return .init(code: 303, "http://127.0.0.1/large size=9")
          },
          "many": { call in
            for number in 0..<1030 { try await call.part("\(number)") }
            return .ok("all")
          },
          "fail": { _ in throw SSMPError.invalid("not today") },
          "hang": { _ in
            try await Task.sleep(for: .seconds(60))
            return .ok()
          },
        ])
    }
    try await body()
    service.cancel()
    _ = await service.result
    await client.close()
  }

  @Test("A request is answered: by a handler, by the standard verbs, by 400, 404 and 501")
  func answers() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    try await withEcho(server, "one") {
      let directory = try await caller.directory(of: "echo")
      try await eventually("the instance is there") { directory.instances.keys.sorted() == ["one"] }
      #expect(try await caller.call("echo", "hello", of: "one") == .ok("hello"))
      #expect(try await caller.call("echo", "x", bytes: [0, 10, 13], of: "one") == .ok("x", bytes: [0, 10, 13]))
      let reply = try await caller.call("slow", of: "one")
      #expect(reply.code == 303 && reply.text == "http://127.0.0.1/large size=9")
      #expect(reply.parts.map(\.text) == ["one", "two"] && reply.parts[1].bytes == [1, 10, 2])
      #expect(try await caller.call("fail", of: "one") == .failed("not today"))
      #expect(try await caller.call("unknown", of: "one").code == 501)
      #expect(try await caller.call("ping", of: "one") == .ok())
      let verbs = "echo,fail,hang,info,many,ping,slow,stats"
      #expect(try await caller.call("info", of: "one") == .ok("name=echo version=2.1 verbs=\(verbs)"))
      #expect(try await caller.call("stats", of: "one") == .ok("load=0.00"))
      await #expect(throws: SSMPError.refused(.init(code: 404))) { _ = try await caller.call("ping", of: "nobody") }
      await #expect(throws: SSMPError.timedOut(sent: .yes)) {
        _ = try await caller.call("hang", of: "one", timeout: .milliseconds(50))
      }
    }
    await caller.close()
  }

  @Test("The less loaded of two instances is picked, and a change of load is told")
  func load() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    let directory = try await caller.directory(of: "echo")
    let (first, second) = (SSMPClient.ServiceLoad(0.9), SSMPClient.ServiceLoad(0.1))
    try await withEcho(server, "one", load: first) {
      try await withEcho(server, "two", load: second) {
        try await eventually("both have told") { directory.instances == ["one": 0.9, "two": 0.1] }
        for _ in 0..<20 { #expect(directory.pick() == "two") }
        first.value = 0
        try await eventually("the change is told") { directory.instances == ["one": 0, "two": 0.1] }
        #expect(directory.pick() == "one")
        #expect(try await directory.call("echo", "any") == .ok("any"))
        let all = try await directory.callAll("echo", "all")
        #expect(all == ["one": .ok("all"), "two": .ok("all")])
        let silent = try await directory.callAll("hang", timeout: .milliseconds(100))
        #expect(silent == ["one": nil, "two": nil])
      }
      let late = try await caller.directory(of: "echo")
      try await eventually("a directory that begins later knows the load") { late.instances["one"] == .some(0) }
      try await eventually("one has left") { directory.instances.keys.sorted() == ["one"] }
    }
    try await eventually("all have left") { directory.instances.isEmpty }
    #expect(directory.pick() == nil)
    let start = ContinuousClock.now
    #expect(try await directory.callAll("echo", timeout: .seconds(60)).isEmpty)
    #expect(ContinuousClock.now - start < .seconds(30))
    await #expect(throws: SSMPError.refused(.init(code: 404))) { _ = try await directory.call("ping") }
    await caller.close()
  }

  @Test("Each answer has its own parts, of which the first 1,024 are kept")
  func parts() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    try await withEcho(server, "one") {
      try await withEcho(server, "two") {
        let directory = try await caller.directory(of: "echo")
        try await eventually("both are there") { directory.instances.count == 2 }
        let all = try await directory.callAll("slow")
        #expect(all.count == 2)
        for reply in all.values { #expect(reply?.parts.map(\.text) == ["one", "two"]) }
        let many = try await caller.call("many", of: "one")
        #expect(many.text == "all" && many.parts.map(\.text) == (0..<1024).map { "\($0)" })
      }
    }
    await caller.close()
  }

  @Test("Of many changes of load the last one is told last, and the load is told again after a reconnection")
  func changes() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    let directory = try await caller.directory(of: "echo")
    let load = SSMPClient.ServiceLoad()
    try await withEcho(server, "one", load: load) {
      for round in 1...20 {
        for hundredths in 0...round { load.value = Double(hundredths) / 100 }
        try await eventually("the last change is told") { directory.instances == ["one": Double(round) / 100] }
      }
      var told = try await caller.subscribe(to: "svc/echo/load").makeAsyncIterator()
      // Another login under the same identifier ends the instance's connection.
      var configuration = try Self.configuration(server, "one")
      configuration.reconnection = .disabled
      _ = try await SSMPClient.connect(configuration)
      #expect(try await told.next() == .message(from: "one", "load=0.20"))
    }
    await caller.close()
  }

  @Test("More requests than a service has room for are answered 400, and the service goes on")
  func busy() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    let client = try await SSMPClient.connect(Self.configuration(server, "worker"))
    let service = Task {
      try await client.serve(
        "work", limit: 2,
        verbs: [
          "work": { _ in
            try await Task.sleep(for: .milliseconds(1))
            return .ok()
          }
        ])
    }
    let directory = try await caller.directory(of: "work")
    try await eventually("the instance is there") { directory.pick() != nil }
    let codes = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3000 { group.addTask { try await caller.call("work", of: "worker", timeout: .seconds(60)).code } }
      return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(codes[200, default: 0] >= 1000 && codes[200, default: 0] + codes[400, default: 0] == 3000, "\(codes)")
    #expect(try await caller.call("ping", of: "worker") == .ok())
    service.cancel()
    _ = await service.result
    await client.close()
    await caller.close()
  }

  @Test("A call from within a loop is answered though the loop's buffer is full")
  func withinLoop() async throws {
    let server = try ServerProcess()
    let caller = try await SSMPClient.connect(Self.configuration(server, "caller"))
    let other = try await SSMPClient.connect(Self.configuration(server, "other"))
    try await withEcho(server, "one") {
      let subscription = try await caller.subscribe(to: "t", buffering: .suspend(limit: 4))
      for number in 0..<20 { try await other.multicast(Payload(stringLiteral: "\(number)"), to: "t") }
      var count = 0
      for try await _ in subscription {
        #expect(try await caller.call("echo", "x", of: "one") == .ok("x"))
        count += 1
        if count == 20 { break }
      }
    }
    await other.close()
    await caller.close()
  }

  @Test("What is no request reaches the program, and so does a request if nothing serves")
  func others() async throws {
    let server = try ServerProcess()
    let plain = try await SSMPClient.connect(Self.configuration(server, "plain"))
    let other = try await SSMPClient.connect(Self.configuration(server, "other"))
    var messages = plain.messages.makeAsyncIterator()
    for text in ["?what is this", "!", "?abcdefgh12 ping", "!abcdefgh12 200"] {
      try await other.unicast(Payload(text), to: "plain")
      #expect(try await messages.next() == .unicast(from: "other", Payload(text)))
    }
    await plain.close()
    await other.close()
  }

  /// The same in tasks.
  private func eventually(_ what: String, _ isTrue: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while !isTrue() {
      guard ContinuousClock.now < end else { throw TestFailure("it did not happen that \(what)") }
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}
