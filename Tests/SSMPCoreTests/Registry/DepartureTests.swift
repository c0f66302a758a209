// Leaving in pieces: everybody is told, in a safe order, and nobody holds more than a piece of it.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Departures")
struct DepartureTests {
  /// `count` watchers of `t`, and `ann`, who watches nothing and has subscribed to it.
  private func world(_ count: Int, stepBudget: Int, loops: Int = 1) throws -> (World, ann: Int, watchers: [Int]) {
    let world = World(loops: loops, limits: RegistryLimits(stepBudget: stepBudget))
    let watchers = try (0..<count).map { try world.login("w\($0)", loop: $0 % loops) }
    for number in watchers { try world.say(number, "SUBSCRIBE t PRESENCE\n") }
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE t\n")
    for number in watchers { _ = world.heard(number) }
    return (world, ann, watchers)
  }

  @Test(
    "A client that many have to be told of is gone at once, and the many are told when there is time",
    arguments: [1, 2])
  func deferred(loops: Int) throws {
    let (world, ann, watchers) = try world(20, stepBudget: 10, loops: loops)
    world.hangUp(ann)
    #expect(world.registry.outlook(of: 0).hasDepartures)
    #expect(world.registry.clientCount == 20)
    #expect(world.registry.subscriptionCount == 20)
    #expect(world.registry.staged(0) == 0)
    #expect(world.send(watchers[0], Array("UCAST ann x\n".utf8)) == .done)
    try world.settle()
    #expect(world.heard(watchers[0]) == "404\n000 ann UNSUBSCRIBE t\n")
    for number in watchers.dropFirst() { #expect(world.heard(number) == "000 ann UNSUBSCRIBE t\n") }
    #expect(!world.registry.outlook(of: 0).hasDepartures)
  }

  @Test("Who begins to watch after the departure, and never heard of the client, is not told of it")
  func newWatcher() throws {
    let (world, ann, watchers) = try world(20, stepBudget: 10)
    world.hangUp(ann)
    let dan = world.connect(loop: 0)
    world.send(dan, Array("LOGIN dan open\nSUBSCRIBE t PRESENCE\n".utf8))
    try world.settle()
    let seen = world.heard(dan)
    #expect(!seen.contains("ann"))
    #expect(seen.split(separator: "\n").count == 22)
    #expect(
      world.heard(watchers[3]) == "000 ann UNSUBSCRIBE t\n000 dan SUBSCRIBE t PRESENCE\n"
        || world.heard(watchers[3]) == "")
  }

  @Test("Those who watch one another and vanish together are not told of one another")
  func together() throws {
    let (world, ann, watchers) = try world(50, stepBudget: 10)
    let before = world.registry.counts.events
    for number in watchers.dropLast() { world.hangUp(number) }
    world.hangUp(ann)
    try world.settle()
    let told = world.heard(watchers[49]).split(separator: "\n")
    #expect(told.count == 50)
    #expect(Set(told).count == 50)
    // Without deferring it would be 49 * 50 / 2.
    #expect(world.registry.counts.events - before < 100)
  }

  @Test("A LOGIN under the identity of one who is leaving waits until everybody has been told (Named connections)")
  func takeover() throws {
    let (world, ann, watchers) = try world(20, stepBudget: 10)
    for number in watchers { try world.say(number, "SUBSCRIBE u PRESENCE\n") }
    try world.say(ann, "SUBSCRIBE u\n")
    for number in watchers { _ = world.heard(number) }
    let new = world.connect()
    #expect(world.send(new, Array("LOGIN ann open\nSUBSCRIBE t\nMCAST t hello\n".utf8)) == .held(at: 0))
    #expect(world.registry.clientCount == 20)
    try world.settle()
    #expect(world.connections[ann].closed == .displaced)
    #expect(world.heard(new) == "200\n200\n200\n")
    for number in watchers {
      let told = world.heard(number).split(separator: "\n")
      #expect(Set(told.prefix(2)) == ["000 ann UNSUBSCRIBE t", "000 ann UNSUBSCRIBE u"])
      #expect(told.dropFirst(2) == ["000 ann SUBSCRIBE t", "000 ann MCAST t hello"])
    }
    #expect(world.registry.counts.requests[Verb.login] == 22)
    #expect(world.registry.counts.logins == 22)
  }

  @Test("The departure that a LOGIN waits for comes before the others")
  func urgent() throws {
    let (world, ann, watchers) = try world(40, stepBudget: 10)
    for number in watchers[0..<20] { world.hangUp(number) }
    world.hangUp(ann)
    let new = world.connect()
    // 20 that are left are more than a step has room for, but one piece is always told.
    #expect(world.send(new, Array("LOGIN ann open\n".utf8)) == .done)
    try world.settle()
    for number in watchers[20...] {
      let told = world.heard(number).split(separator: "\n")
      #expect(told.count == 21)
      #expect(told.first == "000 ann UNSUBSCRIBE t")
    }
  }

  @Test("What of a departure has been told already is not told again when a LOGIN waits for the rest")
  func halfTold() throws {
    let (world, ann, watchers) = try world(20, stepBudget: 10)
    for topic in ["u", "v", "w"] {
      for number in watchers { try world.say(number, "SUBSCRIBE \(topic) PRESENCE\n") }
      try world.say(ann, "SUBSCRIBE \(topic)\n")
    }
    for number in watchers { _ = world.heard(number) }
    world.hangUp(ann)
    #expect(world.advanceDepartures(on: 0))
    let new = world.connect()
    world.send(new, Array("LOGIN ann open\n".utf8))
    try world.settle()
    #expect(world.heard(new) == "200\n")
    for number in watchers {
      let told = world.heard(number).split(separator: "\n").sorted()
      #expect(told == ["t", "u", "v", "w"].map { "000 ann UNSUBSCRIBE \($0)" })
    }
  }

  @Test("Departures wait for a log that is full, whose loop goes on with them when it has taken it")
  func obstructed() throws {
    let world = World(loops: 2, limits: RegistryLimits(fanOutBytes: 1))
    let watchers = try (0..<4).map { try world.login("w\($0)", loop: 1) }
    for number in watchers { try world.say(number, "SUBSCRIBE t PRESENCE\n") }
    let ann = try world.login("ann", loop: 0)
    try world.say(ann, "SUBSCRIBE t\n")
    for number in watchers { _ = world.heard(number) }
    #expect(world.send(ann, Array("MCAST t x\n".utf8)) == .done)
    world.hangUp(ann)
    #expect(world.registry.advanceDepartures(on: 0) == .obstructed)
    var log = DeliveryLog()
    world.registry.take(1, &log)
    #expect(world.registry.outlook(of: 1).hasDepartures)
    #expect(world.registry.advanceDepartures(on: 1) == .done)
  }

  @Test("The queue keeps its places while it moves down")
  func queue() {
    var queue = FarewellQueue()
    var next: UInt32 = 0
    for number in UInt32(0)..<20_000 {
      queue.append(Farewell(topic: number, departure: 0))
      #expect(queue.end == UInt64(number) + 1)
      if number % 3 != 0 {
        #expect(queue.first?.topic == next)
        queue.removeFirst()
        next += 1
      }
    }
    #expect(queue[UInt64(next) + 10].topic == next + 10)
    while queue.first != nil { queue.removeFirst() }
    #expect(queue.isEmpty && queue.end == 20_000)
  }
}
