// Presence notifications.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Presence notifications")
struct PresenceTests {
  @Test("The 200 comes first, then all current subscribers with their own flags, and not oneself")
  func initialBatch() throws {
    let world = World()
    try world.say(try world.login("ann"), "SUBSCRIBE t\n")
    try world.say(try world.login("bob"), "SUBSCRIBE t PRESENCE\n")
    let cat = try world.login("cat")
    #expect(
      try world.say(cat, "SUBSCRIBE t PRESENCE\n") == "200\n000 ann SUBSCRIBE t\n000 bob SUBSCRIBE t PRESENCE\n")
  }

  @Test("Coming and going is told to those with PRESENCE, and to nobody else", arguments: [1, 2])
  func changes(loops: Int) throws {
    let world = World(loops: loops)
    let ann = try world.login("ann", loop: loops - 1)
    let bob = try world.login("bob")
    let cat = try world.login("cat")
    try world.say(ann, "SUBSCRIBE t PRESENCE\n")
    try world.say(bob, "SUBSCRIBE t\n")
    _ = world.heard(ann)
    #expect(try world.say(cat, "SUBSCRIBE t\nUNSUBSCRIBE t\nSUBSCRIBE t PRESENCE\n").hasPrefix("200\n200\n200\n"))
    #expect(
      world.heard(ann) == "000 cat SUBSCRIBE t\n000 cat UNSUBSCRIBE t\n000 cat SUBSCRIBE t PRESENCE\n")
    #expect(world.heard(bob) == "")
  }

  @Test("Whoever closes, or whose connection breaks, has unsubscribed from all (Closing connections)")
  func leaving() throws {
    let world = World()
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    for ending in ["CLOSE\n", "nonsense\n", nil] {
      let bob = try world.login("bob")
      try world.say(bob, "SUBSCRIBE t\nSUBSCRIBE u\n")
      _ = world.heard(ann)
      if let ending { try world.say(bob, ending) } else { world.hangUp(bob) }
      try world.settle()
      #expect(world.heard(ann) == "000 bob UNSUBSCRIBE u\n000 bob UNSUBSCRIBE t\n")
    }
  }
}

@Suite("Initial batches of presence, in slices")
struct RosterTests {
  /// Four members of `t` and a watcher, `eve`, who has been shown the first `shown` of them.
  private func world(shown: Int) throws -> (World, members: [Int], eve: Int) {
    let world = World(limits: RegistryLimits(rosterSlice: 1))
    let members = try ["a", "b", "c", "d"].map { try world.login($0) }
    for number in members { try world.say(number, "SUBSCRIBE t\n") }
    let eve = try world.login("eve")
    world.send(eve, Array("SUBSCRIBE t PRESENCE\n".utf8))
    world.take(0)
    try world.work(0)
    for _ in 1..<shown {
      world.continueRosters(eve)
      world.take(0)
      try world.work(0)
    }
    let expected = ["a", "b", "c", "d"].prefix(shown).map { "000 \($0) SUBSCRIBE t\n" }
    #expect(world.heard(eve) == "200\n" + expected.joined())
    return (world, members, eve)
  }

  @Test("A slice at a time shows everybody once")
  func slices() throws {
    let (world, _, eve) = try world(shown: 1)
    try world.settle()
    #expect(world.heard(eve) == "000 b SUBSCRIBE t\n000 c SUBSCRIBE t\n000 d SUBSCRIBE t\n")
    #expect(world.registry.subscriptions.rosters.count == 0)
  }

  @Test("A member that has been shown leaves: UNSUBSCRIBE, and whoever takes its place is shown once")
  func leavesBehindCursor() throws {
    let (world, members, eve) = try world(shown: 2)
    world.send(world.connect(), Array("LOGIN x open\nSUBSCRIBE t PRESENCE\n".utf8))
    world.hangUp(members[0])
    try world.settle()
    let expected = "000 a UNSUBSCRIBE t\n000 x SUBSCRIBE t PRESENCE\n000 c SUBSCRIBE t\n000 d SUBSCRIBE t\n"
    #expect(world.heard(eve) == expected)
  }

  @Test("A member that has not been shown leaves: nothing is told")
  func leavesBeforeCursor() throws {
    let (world, members, eve) = try world(shown: 2)
    world.hangUp(members[2])
    try world.settle()
    #expect(world.heard(eve) == "000 d SUBSCRIBE t\n")
  }

  @Test("Who joins meanwhile is shown once, with the flag")
  func joins() throws {
    let (world, _, eve) = try world(shown: 2)
    try world.say(world.connect(), "LOGIN x open\nSUBSCRIBE t PRESENCE\n")
    #expect(world.heard(eve) == "000 c SUBSCRIBE t\n000 d SUBSCRIBE t\n000 x SUBSCRIBE t PRESENCE\n")
  }

  @Test("Where the watcher itself takes the place of one who left, it is not told about itself")
  func movesWatcher() throws {
    let (world, members, eve) = try world(shown: 2)
    world.hangUp(members[1])
    try world.settle()
    #expect(world.heard(eve) == "000 b UNSUBSCRIBE t\n000 c SUBSCRIBE t\n000 d SUBSCRIBE t\n")
    world.hangUp(members[0])
    try world.settle()
    #expect(world.heard(eve) == "000 a UNSUBSCRIBE t\n")
  }

  @Test("UNSUBSCRIBE in the middle of a batch ends it")
  func unsubscribes() throws {
    let (world, _, eve) = try world(shown: 2)
    #expect(try world.say(eve, "UNSUBSCRIBE t\n") == "200\n")
    #expect(world.registry.subscriptions.rosters.count == 0)
  }

  @Test("Several batches of one client are all completed")
  func several() throws {
    let world = World(limits: RegistryLimits(rosterSlice: 1))
    try world.say(try world.login("ann"), "SUBSCRIBE t\nSUBSCRIBE u\n")
    let eve = try world.login("eve")
    let stream = try world.say(eve, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    #expect(stream.contains("000 ann SUBSCRIBE t\n") && stream.contains("000 ann SUBSCRIBE u\n"))
    #expect(world.registry.subscriptions.rosters.count == 0)
  }
}
