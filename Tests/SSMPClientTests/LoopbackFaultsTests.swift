// SSMPLoopback: lost connections, a stopped server, restrictions.

import SSMPClient
import SSMPLoopback
import Testing

@Suite("SSMPLoopback: faults")
struct LoopbackFaultsTests {
  private let server = SSMPLoopback()
  private static let notAllowed = SSMPError.refused(.init(code: 405))

  @Test("A client that is disconnected connects and subscribes again, and is told of the gap")
  func disconnect() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let friend = try await bob.subscribe(to: "news", presence: true)
    var news = try await alice.subscribe(to: "news", presence: true).makeAsyncIterator()
    var messages = alice.messages.makeAsyncIterator()
    var states = alice.states.makeAsyncIterator()
    #expect(await states.next() == .online)
    try await bob.multicast("before", to: "news")
    #expect(server.disconnect("alice"))
    while let state = await states.next(), state != .online {}
    try await bob.multicast("after", to: "news")
    let expected: [SSMPClient.TopicEvent] = [
      .joined("bob", watches: true), .message(from: "bob", "before"), .interrupted, .resumed,
      .joined("bob", watches: true), .message(from: "bob", "after"),
    ]
    for event in expected { #expect(try await news.next() == event) }
    #expect(try await messages.next() == .interrupted)
    #expect(try await messages.next() == .resumed)
    let seen: [SSMPClient.TopicEvent] = [
      .joined("alice", watches: true), .left("alice"), .joined("alice", watches: true),
    ]
    #expect(try await friend.prefix(count: 3) == seen)
    for client in [alice, bob] { await client.close() }
  }

  @Test("Only a client that is logged in can be disconnected")
  func nobody() async throws {
    #expect(!server.disconnect("nobody"))
    let anonymous = try await server.client(.anonymous)
    #expect(!server.disconnect(.anonymous))
    await anonymous.close()
  }

  @Test("A client that is disconnected and does not connect again is gone when the call returns")
  func gone() async throws {
    let alice = try await server.client("alice", reconnects: false)
    let room = try await alice.subscribe(to: "room")
    #expect(server.disconnect("alice"))
    #expect(server.clients.isEmpty && server.members(of: "room").isEmpty)
    await #expect(throws: SSMPError.connectionLost(sent: .unknown)) { try await room.prefix(count: .max) }
  }

  @Test("What a client had sent before it is disconnected is served")
  func order() async throws {
    let (alice, raw) = (try await server.client("alice"), try server.rawClient())
    raw.send("LOGIN raw open\nUCAST alice x\n")
    #expect(server.disconnect("raw"))
    #expect(try await alice.messages.prefix(count: 1) == [.unicast(from: "raw", "x")])
    await server.settled()
    #expect(raw.text == "200\n200\n" && raw.hasEnded)
    await alice.close()
  }

  @Test("Clients of a stopped server come back when it starts; a new one cannot connect meanwhile")
  func stop() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let room = try await alice.subscribe(to: "room", presence: true)
    let other = try await bob.subscribe(to: "room")
    server.stop()
    #expect(server.clients.isEmpty && server.members(of: "room").isEmpty)
    await #expect { try await server.client("carol") } throws: {
      if case .unreachable = $0 as? SSMPError { true } else { false }
    }
    await #expect(throws: SSMPError.self) { try await alice.multicast("x", to: "room") }
    server.start()
    for client in [alice, bob] { for await state in client.states where state == .online { break } }
    #expect(server.clients == ["alice", "bob"] && server.members(of: "room") == ["alice": true, "bob": false])
    var events: [SSMPClient.TopicEvent] = [.joined("bob", watches: false), .interrupted, .resumed]
    events.append(.joined("bob", watches: false))
    #expect(try await room.prefix(count: 4) == events)
    withExtendedLifetime(other) {}
    for client in [alice, bob] { await client.close() }
  }

  @Test("A server can be stopped and started again and again, and is empty after each stop")
  func repeatedly() async throws {
    for _ in 0..<20 {
      let alice = try await server.client("alice", reconnects: false)
      server.stop()
      server.stop()
      #expect(server.clients.isEmpty)
      await #expect(throws: SSMPError.self) { for try await _ in alice.messages {} }
      server.start()
    }
  }

  @Test("What is restricted is answered 405, to anonymous clients as well, and restrict() lifts it")
  func restrict() async throws {
    let (alice, anonymous) = (try await server.client("alice"), try await server.client(.anonymous))
    server.restrict(subscriptionsTo: ["news", "rooms/"], multicastsTo: [], unicastsTo: ["bob"], broadcasts: false)
    let allowed = [try await alice.subscribe(to: "news"), try await alice.subscribe(to: "rooms/1", presence: true)]
    await #expect(throws: Self.notAllowed) { _ = try await alice.subscribe(to: "secret") }
    await #expect(throws: Self.notAllowed) { try await alice.multicast("x", to: "news") }
    await #expect(throws: Self.notAllowed) { try await anonymous.multicast("x", to: "news") }
    await #expect(throws: Self.notAllowed) { try await alice.unicast("x", to: "carol") }
    await #expect(throws: SSMPError.refused(.init(code: 404))) { try await alice.unicast("x", to: "bob") }
    await #expect(throws: Self.notAllowed) { try await alice.broadcast("x") }
    server.restrict()
    try await alice.multicast("x", to: "news")
    try await anonymous.unicast("x", to: "alice")
    let secret = try await alice.subscribe(to: "secret")
    withExtendedLifetime((allowed, secret)) {}
    for client in [alice, anonymous] { await client.close() }
  }

  @Test("A restriction ends the subscriptions that it forbids with 405, and leaves the others")
  func restrictLater() async throws {
    let (alice, bob) = (try await server.client("alice"), try await server.client("bob"))
    let (secret, news) = (try await alice.subscribe(to: "secret"), try await alice.subscribe(to: "news"))
    let other = try await bob.subscribe(to: "news", presence: true)
    server.restrict(subscriptionsTo: ["news"])
    await #expect(throws: Self.notAllowed) { try await secret.prefix(count: .max) }
    #expect(try await news.prefix(count: 2) == [.interrupted, .resumed])
    let expected: [SSMPClient.TopicEvent] = [
      .joined("alice", watches: false), .left("alice"), .joined("alice", watches: false),
    ]
    #expect(try await other.prefix(count: 3) == expected)
    for client in [alice, bob] { await client.close() }
  }
}
