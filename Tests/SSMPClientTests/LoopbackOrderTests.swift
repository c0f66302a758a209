// SSMPLoopback: the same script gives the same events, with many clients and many tasks, too.

import FuzzHarness
import SSMPClient
import SSMPLoopback
import SSMPTransport
import Testing

@Suite("SSMPLoopback: order")
struct LoopbackOrderTests {
  /// Plays a script with all kinds of events; returns what each of the clients was told.
  private static func script() async throws -> [[SSMPClient.AnyEvent]] {
    let server = SSMPLoopback()
    var clients: [SSMPClient] = []
    for id: ID in ["alice", "bob", "carol", "dave"] { clients.append(try await server.client(id)) }
    let events = clients.map { $0.events() }
    var subscriptions: [SSMPClient.Subscription] = []
    for round in 0..<3 {
      for (index, client) in clients.enumerated() {
        subscriptions.append(try await client.subscribe(to: "room", presence: index % 2 == 0))
        subscriptions.append(try await client.subscribe(to: ID("room/\(index % 2)"), presence: true))
        try await client.multicast(Payload("m\(round)"), to: "room")
        try await client.broadcast(Payload("b\(round)"))
        try await client.unicast(Payload("u\(round)"), to: clients[(index + round) % 4].id)
      }
      // Nothing waits for an UNSUBSCRIBE, so each is seen to before the next.
      while !subscriptions.isEmpty {
        subscriptions.removeFirst()
        await server.settled()
      }
    }
    let outsider = try await server.client("outsider")
    try await outsider.unicast("end", to: "bob")
    await outsider.close()
    for client in clients { await client.close() }
    var all: [[SSMPClient.AnyEvent]] = []
    for sequence in events { all.append(try await sequence.prefix(count: .max)) }
    return all
  }

  @Test("The same script gives every client the same events in the same order, fifty times")
  func fiftyTimes() async throws {
    let first = try await Self.script()
    #expect(first.map(\.count) == [33, 19, 30, 9])
    for _ in 1..<50 { #expect(try await Self.script() == first) }
  }

  @Test("Random requests give each connection the same bytes as the registry alone", arguments: 1...20)
  func sameAsRegistry(seed: UInt64) async throws {
    var generator = Sequence(state: seed)
    let (server, world) = (SSMPLoopback(certificates: false), World())
    var raw: [RawClient] = []
    var numbers: [Int] = []
    func connect() throws {
      raw.append(try server.rawClient())
      numbers.append(world.connect())
    }
    for _ in 0..<8 { try connect() }
    for _ in 0..<400 {
      let index = Int.random(in: 0..<raw.count, using: &generator)
      var text = ""
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        text += Self.request(&generator)
        // More than one batch, and more than one step.
        if Int.random(in: 0..<50, using: &generator) == 0 {
          text += String(repeating: "MCAST t0 many\nUCAST a1 x\n", count: 700)
        }
      }
      raw[index].send(text)
      try world.say(numbers[index], text)
      if world.connections[numbers[index]].isOver { try connect() }
      if Int.random(in: 0..<40, using: &generator) == 0 {
        raw[index].hangUp()
        world.hangUp(numbers[index])
        try world.settle()
        try connect()
      }
    }
    await server.settled()
    for (index, number) in numbers.enumerated() where !world.connections[number].hungUp {
      #expect(raw[index].text == String(decoding: world.connections[number].received, as: UTF8.self))
      #expect(raw[index].hasEnded == world.connections[number].isOver)
    }
    #expect(server.clients.count == world.registry.clientCount)
  }

  private static func request(_ generator: inout Sequence) -> String {
    func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }
    switch number(13) {
    case 0...2: return "LOGIN a\(number(8)) open\n"
    case 3: return "SUBSCRIBE t\(number(3))\n"
    case 4, 5: return "SUBSCRIBE t\(number(3)) PRESENCE\n"
    case 6: return "UNSUBSCRIBE t\(number(3))\n"
    case 7, 8: return "UCAST a\(number(8)) hello\n"
    case 9: return "MCAST t\(number(3)) \u{0}\u{0}\u{1}\n\n\n"
    case 10: return "BCAST to all\n"
    case 11: return "PING\n"
    default: return number(20) == 0 ? "CLOSE\n" : "FUTURE x\n"
    }
  }

  /// Random numbers that are the same in each run.
  private struct Sequence: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
    }
  }

  @Test("A thousand clients get a message each, and leave")
  func thousand() async throws {
    let server = SSMPLoopback()
    let clients = try await withThrowingTaskGroup(of: SSMPClient.self) { group in
      for number in 0..<1000 { group.addTask { try await server.client(ID("client/\(number)")) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(server.clients.count == 1000)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for client in clients {
        group.addTask {
          let news = try await client.subscribe(to: "news")
          try await client.unicast("ready", to: client.id)
          return try await news.prefix(count: 1).count
        }
      }
      try await eventually("all are subscribed") { server.members(of: "news").count == 1000 }
      let sender = try await server.client("sender")
      try await sender.multicast("hello", to: "news")
      #expect(try await group.reduce(0, +) == 1000)
      await sender.close()
    }
    await withTaskGroup { group in
      for client in clients { group.addTask { await client.close() } }
    }
    #expect(server.clients.isEmpty && server.members(of: "news").isEmpty)
  }

  @Test("Twenty tasks at the same time: each one's messages arrive in its order, while others ask and disturb")
  func tasks() async throws {
    let server = SSMPLoopback()
    let (sink, source) = (try await server.client("sink"), try await server.client("source"))
    let flood = try await sink.subscribe(to: "flood")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<20 {
        group.addTask {
          for number in 0..<200 {
            try await source.multicast(Payload("\(task) \(number)"), to: "flood")
            if number % 50 == task { await server.settled() }
          }
        }
      }
      group.addTask {
        for number in 0..<200 {
          let guest = try await server.client(ID("guest/\(number % 3)"), reconnects: false)
          #expect(server.members(of: "flood") == ["sink": false])
          #expect(server.disconnect(guest.id))
          #expect(!server.disconnect("nobody"))
          server.restrict(unicastsTo: number % 2 == 0 ? [] : nil)
        }
      }
      group.addTask {
        var next = [Int](repeating: 0, count: 20)
        var count = 0
        for try await event in flood {
          guard case .message(from: "source", let payload) = event else { continue }
          let words = payload.description.split(separator: " ").compactMap { Int($0) }
          #expect(next[words[0]] == words[1])
          next[words[0]] += 1
          count += 1
          if count == 4000 { break }
        }
        #expect(count == 4000)
      }
      try await group.waitForAll()
    }
    for client in [sink, source] { await client.close() }
  }

  @Test("A client without room in a sequence reads on in portions, and misses nothing")
  func suspended() async throws {
    let server = SSMPLoopback()
    let received = Locked(0)
    var configuration = server.configuration(login: .open("alice"))
    configuration.trace = { line in if !line.isOutgoing { received.withLock { $0 += 1 } } }
    let alice = try await SSMPClient.connect(configuration)
    let flood = try await alice.subscribe(to: "flood", buffering: .suspend(limit: 16))
    let raw = try server.rawClient()
    raw.send("LOGIN raw open\n")
    for number in 0..<10_000 { raw.send("MCAST flood \(number) and some more\n") }
    await server.settled()
    #expect(received.withLock { $0 } < 5_000)
    var next = 0
    for try await event in flood {
      guard case .message(from: "raw", let payload) = event else { continue }
      try #require(payload.description == "\(next) and some more")
      next += 1
      // Now there is room once more, and all is there to be read: one portion is 64 kilobytes, or 1,600 messages.
      if next == 100 {
        await server.settled()
        #expect(received.withLock { $0 } < 5_000)
      }
      if next == 10_000 { break }
    }
    #expect(next == 10_000)
    raw.hangUp()
    await alice.close()
  }

  @Test("The server may be asked from where the client's lock is held")
  func inTrace() async throws {
    let server = SSMPLoopback()
    var configuration = server.configuration(login: .open("alice"))
    let lines = Shared()
    configuration.trace = { line in
      let clients = server.clients.count + server.members(of: "t").count
      lines.content.withLock { $0.append("\(line) \(clients)") }
      if "\(line)".contains("cut") { server.disconnect("alice") }
    }
    let alice = try await SSMPClient.connect(configuration)
    try await alice.unicast("hello", to: "alice")
    var states = alice.states.makeAsyncIterator()
    _ = await states.next()
    _ = try? await alice.unicast("cut", to: "alice")
    while let state = await states.next(), state != .online {}
    await alice.close()
    #expect(lines.content.withLock { $0.first } == "> LOGIN alice open 0")
  }

  private final class Shared: Sendable {
    let content = Locked<[String]>([])
  }
}
