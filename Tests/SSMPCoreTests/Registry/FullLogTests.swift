// Holding senders back from loops that have work to do first.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Full logs")
struct FullLogTests {
  @Test("A sender is held back while a log is full, and goes on once the loop has taken it")
  func heldUntilTaken() throws {
    let world = World(loops: 2, limits: RegistryLimits(logBytes: 150))
    let ann = try world.login("ann", loop: 0)
    let bob = try world.login("bob", loop: 1)
    let words = "UCAST bob \(String(repeating: "x", count: 200))\n"
    #expect(world.send(ann, Array((words + words + "PING\n").utf8)) == .held(at: words.utf8.count))
    #expect(world.registry.counts.heldForLog == 1)
    try world.settle()
    #expect(world.heard(ann) == "200\n200\n000 . PONG\n")
    #expect(world.heard(bob) == "000 ann " + words + "000 ann " + words)
  }

  @Test("A log is full by bytes times recipients, too")
  func volume() throws {
    let world = World(limits: RegistryLimits(logVolume: 300))
    let ann = try world.login("ann")
    for name in ["b", "c", "d"] { try world.say(try world.login(name), "SUBSCRIBE t\n") }
    let words = "MCAST t \(String(repeating: "x", count: 100))\n"
    #expect(world.send(ann, Array((words + words).utf8)) == .held(at: words.utf8.count))
    try world.settle()
    #expect(world.heard(ann) == "200\n200\n")
  }

  @Test(
    "Senders to one client are held at its share of the log, and others write to others meanwhile", arguments: [1, 2])
  func clientShare(loops: Int) throws {
    let world = World(loops: loops, limits: RegistryLimits(clientBytes: 300))
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: loops - 1)
    let cat = try world.login("cat", loop: loops - 1)
    let dan = try world.login("dan")
    let words = "UCAST bob \(String(repeating: "x", count: 200))\n"
    #expect(world.send(ann, Array((words + words + words).utf8)) == .held(at: 2 * words.utf8.count))
    #expect(world.send(cat, Array("UCAST bob me too\n".utf8)) == .held(at: 0))
    #expect(world.send(dan, Array("UCAST cat hello\nPING\n".utf8)) == .done)
    try world.settle()
    #expect(world.heard(ann) == "200\n200\n200\n")
    let bobs = world.heard(bob)
    #expect(bobs.split(separator: "\n").count { $0.hasPrefix("000 ann UCAST bob") } == 3)
    #expect(bobs.contains("000 cat UCAST bob me too\n"))
    #expect(world.heard(cat) == "000 dan UCAST cat hello\n200\n")
  }

  @Test("Whoever has much to be answered is held at its share of the log, too, and others go on meanwhile")
  func replyShare() throws {
    let world = World(limits: RegistryLimits(clientBytes: 1000))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    let count = Registry.shortBatch * 2
    let pings = Array(String(repeating: "PING\n", count: count).utf8)
    #expect(world.send(ann, pings) == .done)
    #expect(world.send(ann, pings) == .held(at: 0))
    #expect(world.send(bob, pings) == .done)
    #expect(world.registry.counts.heldForLog == 1)
    try world.settle()
    #expect(world.heard(ann) == String(repeating: "000 . PONG\n", count: 2 * count))
    #expect(world.heard(bob) == String(repeating: "000 . PONG\n", count: count))
    // However large the share of one batch is, it is served.
    let small = World(limits: RegistryLimits(clientBytes: 10))
    let cat = try small.login("cat")
    #expect(small.send(cat, pings) == .done)
    try small.settle()
    #expect(small.heard(cat) == String(repeating: "000 . PONG\n", count: count))
  }

  @Test("Events with several recipients have a share of the log of their own")
  func fanOutShare() throws {
    let world = World(limits: RegistryLimits(fanOutBytes: 150))
    let ann = try world.login("ann")
    for name in ["b", "c"] { try world.say(try world.login(name), "SUBSCRIBE t\n") }
    let words = "MCAST t \(String(repeating: "x", count: 100))\n"
    #expect(world.send(ann, Array((words + words + words).utf8)) == .held(at: 2 * words.utf8.count))
    try world.settle()
    #expect(world.heard(ann) == "200\n200\n200\n")
  }

  @Test("Groups of held senders are all served, even where letting one group go on fills a log")
  func resumptionsDoNotHold() throws {
    let world = World(limits: RegistryLimits(logBytes: 60))
    let clients = try (0..<20).map { try world.login("c\($0)") }
    for number in clients { world.send(number, Array("PING\n".utf8)) }
    // A second group comes in while the resumptions of the first are on their way.
    world.take(0)
    try world.work(0)
    let others = (0..<20).map { _ in world.connect() }
    for number in others { world.send(number, Array("LOGIN . open\n".utf8)) }
    for _ in 0..<100 {
      world.take(0)
      try world.work(0)
    }
    #expect(clients.allSatisfy { world.heard($0) == "000 . PONG\n" })
    #expect(others.allSatisfy { world.heard($0) == "200\n" })
  }

  @Test("A resumption for a connection that has left is only a hint: whoever has the slot now is not disturbed")
  func lateResumption() throws {
    let world = World()
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    world.setCongested(bob, true)
    #expect(world.send(ann, Array("UCAST bob hi\n".utf8)) == .held(at: 0))
    world.hangUp(ann)
    try world.settle()
    let cat = try world.login("cat")
    #expect(world.connections[cat].client == world.connections[ann].client)
    world.setCongested(bob, false)
    try world.settle()
    #expect(try world.say(cat, "PING\n") == "000 . PONG\n")
    #expect(world.heard(bob) == "")
  }
}
