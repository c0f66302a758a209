// Holding senders back from recipients that cannot keep up.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Congestion")
struct CongestionTests {
  /// `bob`, who is congested, and `ann`, who shares the topic `t` with him.
  private func world(loops: Int = 1) throws -> (World, ann: Int, bob: Int) {
    let world = World(loops: loops)
    let bob = try world.login("bob", loop: loops - 1)
    try world.say(bob, "SUBSCRIBE t PRESENCE\n")
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE t\n")
    _ = world.heard(bob)
    world.setCongested(bob, true)
    return (world, ann, bob)
  }

  @Test(
    "A sender is held at the first request for a congested recipient, and goes on when it has drained",
    arguments: ["UCAST bob x", "MCAST t x", "BCAST x"], [1, 2])
  func heldAndResumed(_ request: String, loops: Int) throws {
    let (world, ann, bob) = try world(loops: loops)
    #expect(world.send(ann, Array("PING\n\(request)\nPING\n".utf8)) == .held(at: 5))
    try world.settle()
    #expect(world.heard(ann) == "000 . PONG\n")
    #expect(world.heard(bob) == "")
    world.setCongested(bob, false)
    try world.settle()
    #expect(world.heard(ann) == "200\n000 . PONG\n")
    #expect(world.heard(bob) == "000 ann \(request)\n")
    #expect(world.registry.counts.heldForClient == 1)
  }

  @Test("Presence waits for a congested watcher, too")
  func presence() throws {
    let (world, ann, bob) = try world()
    #expect(world.send(ann, Array("UNSUBSCRIBE t\n".utf8)) == .held(at: 0))
    world.setCongested(bob, false)
    try world.settle()
    #expect(world.heard(bob) == "000 ann UNSUBSCRIBE t\n")
  }

  @Test("A sender goes on when the congested recipient leaves")
  func recipientLeaves() throws {
    let (world, ann, bob) = try world()
    world.send(ann, Array("UCAST bob x\n".utf8))
    world.hangUp(bob)
    try world.settle()
    #expect(world.heard(ann) == "404\n")
    #expect(world.registry.flow.congestedClients == 0)
    #expect(world.registry.flow.waiters.isEmpty)
  }

  @Test("Nobody is held for a message that a congested client does not get, or sends to itself")
  func unrelated() throws {
    let (world, ann, bob) = try world()
    let cat = try world.login("cat")
    #expect(try world.say(ann, "UCAST cat x\nMCAST u x\nUCAST no x\n") == "200\n200\n404\n")
    #expect(world.heard(cat) == "000 ann UCAST cat x\n")
    #expect(try world.say(bob, "UCAST bob x\nUCAST ann y\n") == "000 bob UCAST bob x\n200\n200\n")
  }

  @Test("Being congested twice, or drained twice, is being so once")
  func twice() throws {
    let (world, ann, bob) = try world()
    world.setCongested(bob, true)
    #expect(world.registry.flow.congestedClients == 1)
    world.setCongested(bob, false)
    world.setCongested(bob, false)
    #expect(world.registry.flow.congestedClients == 0)
    #expect(try world.say(ann, "UCAST bob x\n") == "200\n")
  }
}
