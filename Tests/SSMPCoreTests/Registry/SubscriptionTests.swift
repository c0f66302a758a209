// Subscribing and unsubscribing.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Topic subscriptions")
struct SubscriptionTests {
  @Test("A second SUBSCRIBE to the same topic is answered 409, whatever its option")
  func conflict() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "SUBSCRIBE t\nSUBSCRIBE t\nSUBSCRIBE t PRESENCE\n") == "200\n409\n409\n")
    #expect(world.registry.subscriptionCount == 1)
  }

  @Test("UNSUBSCRIBE from a topic that exists or not, but is not the caller's, is answered 404")
  func notFound() throws {
    let world = World()
    let ann = try world.login("ann")
    try world.say(try world.login("bob"), "SUBSCRIBE u\n")
    #expect(try world.say(ann, "UNSUBSCRIBE t\nUNSUBSCRIBE u\n") == "404\n404\n")
  }

  @Test("A topic is gone with its last subscriber")
  func gone() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "SUBSCRIBE t\nUNSUBSCRIBE t\nUNSUBSCRIBE t\nSUBSCRIBE t\n") == "200\n200\n404\n200\n")
    #expect(world.registry.topicCount == 1)
    world.hangUp(ann)
    #expect(world.registry.topicCount == 0)
  }

  @Test("Beyond the limit of subscriptions SUBSCRIBE is answered 405, and the connection stays open")
  func limit() throws {
    let world = World(limits: RegistryLimits(subscriptions: 2))
    let ann = try world.login("ann")
    #expect(try world.say(ann, "SUBSCRIBE a\nSUBSCRIBE b\nSUBSCRIBE c\nSUBSCRIBE a\n") == "200\n200\n405\n409\n")
    #expect(try world.say(ann, "UNSUBSCRIBE a\nSUBSCRIBE c\n") == "200\n200\n")
    #expect(world.registry.topicCount == 2)
    #expect(world.registry.counts.subscriptionsRefused == 1)
  }

  @Test("After the 200 of UNSUBSCRIBE nothing of the topic arrives, whoever published it", arguments: [1, 2])
  func nothingLater(loops: Int) throws {
    let world = World(loops: loops)
    let ann = try world.login("ann", loop: 0)
    let bob = try world.login("bob", loop: loops - 1)
    try world.say(ann, "SUBSCRIBE t\n")
    world.send(bob, Array("MCAST t before\n".utf8))
    world.send(ann, Array("UNSUBSCRIBE t\n".utf8))
    world.send(bob, Array("MCAST t after\n".utf8))
    try world.settle()
    #expect(world.heard(ann) == "000 bob MCAST t before\n200\n")
  }

  @Test("All that a client had is gone when it has left")
  func nothingLeft() throws {
    let world = World(limits: RegistryLimits(rosterSlice: 1))
    for name in ["a", "b", "c"] {
      world.send(try world.login(name), Array("SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n".utf8))
    }
    #expect(world.registry.subscriptions.rosters.count > 0)
    for number in world.connections.indices { world.hangUp(number) }
    #expect(world.registry.clientCount == 0)
    #expect(world.registry.subscriptions.rosters.count == 0)
    #expect(world.registry.clients.identities.count == 0)
    #expect(world.registry.topics.count == 0)
    #expect(world.registry.topics.index.count == 0)
    #expect(world.registry.subscriptions.count == 0)
    #expect(world.registry.subscriptions.index.count == 0)
    #expect(world.registry.names.count == 0)
  }
}
