// What operators may ask the registry.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Listings")
struct ListingTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func client(_ world: World, _ name: String) -> ClientID? { world.registry.client(named: Array(name.utf8)) }

  private func topic(_ world: World, _ name: String) -> TopicSummary? { world.registry.topic(named: Array(name.utf8)) }

  private func subscribers(
    _ world: World, _ name: String, from start: Int = 0
  ) -> ListingPage<SubscriptionSummary>? {
    world.registry.subscribers(of: Array(name.utf8), from: start, atMost: 1)
  }

  private func subscriptions(_ world: World, _ client: ClientID, _ start: Int?) -> ListingPage<SubscriptionSummary> {
    world.registry.subscriptions(of: client, from: start, atMost: 2)
  }

  /// All topics, asked for in pieces of `size` places.
  private func topics(_ world: World, size: Int, prefix: String = "") -> [String] {
    var names: [String] = []
    var next: Int? = 0
    while let start = next {
      let page = world.registry.topics(from: start, lookingAt: size, prefix: Array(prefix.utf8))
      names += page.items.map { text($0.name) }
      next = page.next
    }
    return names
  }

  @Test("Topics are listed in pieces, each of them once, and those that are gone are not", arguments: [1, 3, 1000])
  func topicsInPieces(size: Int) throws {
    let world = World()
    let ann = try world.login("ann")
    for number in 0..<20 { try world.say(ann, "SUBSCRIBE t/\(number)\n") }
    try world.say(ann, "SUBSCRIBE u\n")
    for number in 0..<20 where number % 3 == 0 { try world.say(ann, "UNSUBSCRIBE t/\(number)\n") }
    let wanted = (0..<20).filter { $0 % 3 != 0 }.map { "t/\($0)" }
    #expect(topics(world, size: size).sorted() == (wanted + ["u"]).sorted())
    #expect(topics(world, size: size, prefix: "t/").sorted() == wanted.sorted())
    #expect(topics(world, size: size, prefix: "t/1").count == 8)
    #expect(topics(world, size: size, prefix: "v").isEmpty)
    let beyond = world.registry.topics(from: 1000, lookingAt: 5, prefix: [])
    #expect(beyond.items.isEmpty && beyond.next == nil)
  }

  @Test("A topic is found by its name, with its subscribers and who watches it")
  func topic() throws {
    let world = World()
    try world.say(try world.login("ann"), "SUBSCRIBE t PRESENCE\n")
    try world.say(try world.login("bob"), "SUBSCRIBE t\n")
    #expect(topic(world, "t") == TopicSummary(name: Array("t".utf8), subscribers: 2, watchers: 1))
    for name in ["", "u", String(repeating: "t", count: 65)] {
      #expect(topic(world, name) == nil)
      #expect(client(world, name) == nil)
      #expect(subscribers(world, name)?.items.count == nil)
    }
    let first = try #require(subscribers(world, "t"))
    let next = try #require(first.next)
    let second = try #require(subscribers(world, "t", from: next))
    #expect(first.items.map { text($0.identifier) } == ["ann"] && first.items[0].hasPresence)
    #expect(second.items.map { text($0.identifier) } == ["bob"] && !second.items[0].hasPresence)
    #expect(second.next == nil)
    #expect(client(world, "bob") == second.items[0].client)
  }

  @Test("The subscriptions of a connection are listed in pieces, also while they change")
  func subscriptions() throws {
    let world = World()
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE a\nSUBSCRIBE b PRESENCE\nSUBSCRIBE c\nSUBSCRIBE d\n")
    let client = try #require(self.client(world, "ann"))
    #expect(world.registry.subscriptionCount(of: client) == 4)
    let first = subscriptions(world, client, nil)
    #expect(first.items.map { text($0.topic) } == ["d", "c"])
    let second = subscriptions(world, client, first.next)
    #expect(second.items.map { text($0.topic) } == ["b", "a"] && second.next == nil)
    #expect(second.items.map(\.hasPresence) == [true, false])
    // The one with which the second piece would begin has ended, and its number is another client's now.
    try world.say(ann, "UNSUBSCRIBE b\n")
    #expect(subscriptions(world, client, first.next).items.isEmpty)
    try world.say(try world.login("bob"), "SUBSCRIBE x\n")
    #expect(subscriptions(world, client, first.next).items.isEmpty)
    #expect(subscriptions(world, client, 1 << 20).items.isEmpty)
    world.hangUp(ann)
    #expect(subscriptions(world, client, nil).items.isEmpty)
    #expect(world.registry.subscriptionCount(of: client) == 0)
  }

  @Test("Subscriptions with PRESENCE are counted, in their initial batch, too, and however they end")
  func presence() throws {
    let world = World(limits: RegistryLimits(rosterSlice: 1))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    try world.say(ann, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u\nSUBSCRIBE v PRESENCE\n")
    #expect(world.registry.presenceCount == 2)
    world.send(bob, Array("SUBSCRIBE t PRESENCE\n".utf8))
    #expect(world.registry.presenceCount == 3)
    try world.settle()
    #expect(world.registry.presenceCount == 3)
    try world.say(ann, "UNSUBSCRIBE t\nUNSUBSCRIBE u\n")
    #expect(world.registry.presenceCount == 2)
    world.hangUp(ann)
    world.hangUp(bob)
    #expect(world.registry.presenceCount == 0 && world.registry.subscriptionCount == 0)
  }
}
