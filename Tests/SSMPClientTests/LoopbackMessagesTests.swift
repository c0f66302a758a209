// SSMPLoopback: messages, topics, presence, responses.

import SSMPClient
import SSMPLoopback
import Testing

@Suite("SSMPLoopback: messages")
struct LoopbackMessagesTests {
  private let server = SSMPLoopback()

  @Test("UCAST reaches its recipient, MCAST the other subscribers")
  func messages() async throws {
    try await SSMPClient.withClient(server.configuration(login: .open("alice"))) { alice in
      try await SSMPClient.withClient(server.configuration(login: .open("bob"))) { bob in
        let news = try await bob.subscribe(to: "news")
        let own = try await alice.subscribe(to: "news")
        try await alice.unicast("for bob", to: "bob")
        try await alice.multicast("for all", to: "news")
        try await bob.multicast("back", to: "news")
        var messages = bob.messages.makeAsyncIterator()
        #expect(try await messages.next() == .unicast(from: "alice", "for bob"))
        #expect(try await news.prefix(count: 1) == [.message(from: "alice", "for all")])
        #expect(try await own.prefix(count: 1) == [.message(from: "bob", "back")])
      }
    }
    #expect(server.clients.isEmpty)
  }

  @Test("After settled, all events are there, and nothing beside them")
  func settled() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let events = bob.events()
    let news = try await bob.subscribe(to: "news")
    for number in 0..<100 { try await alice.multicast(Payload("\(number)"), to: "news") }
    await server.settled()
    await bob.close()
    // What had come before the end can be taken behind it.
    let all = try await news.prefix(count: .max)
    #expect(try all == (0..<100).map { .message(from: "alice", try Payload("\($0)")) })
    #expect(try await events.prefix(count: .max).count == 100)
    await alice.close()
  }

  @Test("The UNSUBSCRIBE of a subscription that is dropped is served after settled")
  func dropped() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let room = try await bob.subscribe(to: "room", presence: true)
    var other: SSMPClient.Subscription? = try await alice.subscribe(to: "room")
    #expect(server.members(of: "room") == ["alice": false, "bob": true])
    _ = other
    other = nil
    await server.settled()
    #expect(server.members(of: "room") == ["bob": true])
    await bob.close()
    #expect(try await room.prefix(count: .max) == [.joined("alice", watches: false), .left("alice")])
    await server.settled()
    #expect(server.members(of: "room").isEmpty)
    await alice.close()
  }

  @Test("Presence begins with those that are there, with their flags, and goes on with those that come and go")
  func presence() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let (carol, dave) = (try await server.client("carol"), try await server.client("dave"))
    let rooms = [try await alice.subscribe(to: "room"), try await bob.subscribe(to: "room", presence: true)]
    let room = try await carol.subscribe(to: "room", presence: true)
    let late = try await dave.subscribe(to: "room")
    rooms[0].cancel()
    await server.settled()
    await bob.close()
    let expected: [SSMPClient.TopicEvent] = [
      .joined("alice", watches: false), .joined("bob", watches: true), .joined("dave", watches: false), .left("alice"),
      .left("bob"),
    ]
    #expect(try await room.prefix(count: 5) == expected)
    #expect(carol.roster(of: "room") == ["dave": false])
    withExtendedLifetime(late) {}
    for client in [alice, carol, dave] { await client.close() }
  }

  @Test("An initial batch of presence that needs many slices is complete")
  func largeRoster() async throws {
    let members = try (0..<600).map { number in
      let member = try server.rawClient()
      member.send("LOGIN a-rather-long-identifier-of-a-member-\(number) open\nSUBSCRIBE room\n")
      return member
    }
    await server.settled()
    let watcher = try await server.client("watcher")
    let room = try await watcher.subscribe(to: "room", presence: true, buffering: .dropOldest())
    await server.settled()
    #expect(watcher.roster(of: "room").count == 600)
    for member in members { member.hangUp() }
    await server.settled()
    #expect(watcher.roster(of: "room").isEmpty && server.clients == ["watcher"])
    withExtendedLifetime(room) {}
    await watcher.close()
  }

  @Test("BCAST reaches a client once, however many topics it shares with the sender")
  func broadcast() async throws {
    let (alice, bob, carol) = (
      try await server.client("alice"), try await server.client("bob"), try await server.client("carol")
    )
    var subscriptions: [SSMPClient.Subscription] = []
    for topic: ID in ["a", "b", "c"] {
      for client in [alice, bob] { subscriptions.append(try await client.subscribe(to: topic)) }
    }
    try await alice.broadcast("hello")
    try await carol.broadcast("alone")
    try await carol.unicast("after", to: "bob")
    try await carol.unicast("after", to: "alice")
    let expected: [SSMPClient.MessageEvent] = [.broadcast(from: "alice", "hello"), .unicast(from: "carol", "after")]
    #expect(try await bob.messages.prefix(count: 2) == expected)
    #expect(try await alice.messages.prefix(count: 1) == [.unicast(from: "carol", "after")])
    withExtendedLifetime(subscriptions) {}
    for client in [alice, bob, carol] { await client.close() }
  }

  @Test("A takeover ends the former connection, and is seen as left and joined")
  func takeover() async throws {
    let (watcher, first) = (try await server.client("watcher"), try await server.client("pump", reconnects: false))
    let room = try await watcher.subscribe(to: "room", presence: true)
    let former = try await first.subscribe(to: "room")
    let second = try await server.client("pump")
    let later = try await second.subscribe(to: "room")
    let expected: [SSMPClient.TopicEvent] = [
      .joined("pump", watches: false), .left("pump"), .joined("pump", watches: false),
    ]
    #expect(try await room.prefix(count: 3) == expected)
    await #expect(throws: SSMPError.connectionLost(sent: .unknown)) { try await former.prefix(count: .max) }
    #expect(server.clients == ["pump", "watcher"])
    withExtendedLifetime(later) {}
    for client in [watcher, first, second] { await client.close() }
  }

  @Test("404, 405 and 501 are the registry's, and the connection stays")
  func responses() async throws {
    let alice = try await server.client("alice")
    let anonymous = try await server.client(.anonymous)
    await #expect(throws: SSMPError.refused(.init(code: 404))) { try await alice.unicast("x", to: "nobody") }
    #expect(try await alice.request("FUTURE", "x", "y").code == 501)
    await #expect(throws: SSMPError.refused(.init(code: 405))) { try await anonymous.broadcast("x") }
    await #expect(throws: SSMPError.refused(.init(code: 405))) { _ = try await anonymous.subscribe(to: "x") }
    try await anonymous.unicast("still there", to: "alice")
    #expect(server.clients == [.anonymous, "alice"])
    for client in [alice, anonymous] { await client.close() }
  }

  @Test("Byte by byte: 409, 404 of UNSUBSCRIBE, 405 of a second LOGIN, PONG, 400 and the end")
  func dialogue() async throws {
    let raw = try server.rawClient()
    #expect(await raw.say("LOGIN a open\nSUBSCRIBE t\n", to: server) == "200\n200\n")
    #expect(await raw.say("SUBSCRIBE t PRESENCE\nUNSUBSCRIBE u\nLOGIN a open\n", to: server) == "409\n404\n405\n")
    #expect(await raw.say("PI", to: server) == "")
    #expect(await raw.say("NG\nPONG\n", to: server) == "000 . PONG\n")
    #expect(!raw.hasEnded)
    #expect(await raw.say("nonsense\nPING\n", to: server) == "400\n")
    #expect(raw.hasEnded && server.clients.isEmpty && server.members(of: "t").isEmpty)
  }

  @Test("CLOSE is answered, and the connection ends")
  func close() async throws {
    let raw = try server.rawClient()
    #expect(await raw.say("LOGIN a open\nCLOSE\nPING\n", to: server) == "200\n200\n")
    #expect(raw.hasEnded && server.clients.isEmpty)
  }

  @Test("A binary payload with any bytes, LF among them, comes back as it was sent")
  func binary() async throws {
    try await SSMPClient.withClient(server.configuration(login: .open("alice"))) { alice in
      var messages = alice.messages.makeAsyncIterator()
      for count in [1, 2, 10, 11, 255, 256, 257, 1024] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 5 + 10) }
        try await alice.unicast(Payload(binary: bytes), to: "alice")
        guard case .unicast(from: "alice", let payload) = try await messages.next() else {
          Issue.record("no message of \(count) bytes")
          return
        }
        #expect(payload.bytes == bytes && payload.isBinary)
      }
    }
  }
}
