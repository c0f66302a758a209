// How much one client has served at a time.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Bounds on work")
struct WorkBoundTests {
  /// A hundred clients in the same fifty topics.
  private func world() throws -> (World, [Int]) {
    let world = World(limits: RegistryLimits(stepBudget: 1000))
    let clients = try (0..<100).map { try world.login("c\($0)") }
    let words = (0..<50).map { "SUBSCRIBE t\($0)\n" }.joined()
    for number in clients { try world.say(number, words) }
    return (world, clients)
  }

  @Test("A client whose requests take many steps is put off after each, and others are served in between")
  func yields() throws {
    let (world, clients) = try world()
    var batch = RequestBatch()
    let flooder = world.connections[clients[0]]
    let bytes = Array(String(repeating: "MCAST t0 x\nUNSUBSCRIBE nope\n", count: 20).utf8)
    var session = flooder.session
    batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
    // A hundred members are looked at for each MCAST; behind ten of them the rest is for another turn.
    let progress = world.registry.serve(batch, bytes.span.bytes, from: flooder.client, session: &session)
    #expect(progress == .yielded(at: 10 * 28 - 17))
    #expect(world.registry.counts.requests[Verb.mcast] == 10)
    #expect(world.registry.counts.heldForClient == 0)
  }

  @Test("A broadcast to more members than a step looks at goes on step by step, and is counted and answered once")
  func broadcastInPieces() throws {
    let (world, clients) = try world()
    var batch = RequestBatch()
    let sender = world.connections[clients[0]]
    let bytes = Array("BCAST x\n".utf8)
    var session = sender.session
    batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
    var pieces = 0
    // Five thousand members, a thousand a piece.
    while world.registry.serve(batch, bytes.span.bytes, from: sender.client, session: &session) == .yielded(at: 0) {
      pieces += 1
      #expect(world.registry.outlook(of: 0).steps <= 1000 + 20)
      #expect(world.registry.counts.requests[Verb.bcast] == 0)
    }
    #expect((4...6).contains(pieces), "\(pieces)")
    #expect(world.registry.counts.requests[Verb.bcast] == 1)
    #expect(world.registry.broadcasts.gatherings.isEmpty)
    world.acted(0)
    try world.settle()
    #expect(world.heard(clients[0]).hasSuffix("200\n"))
    for number in clients[1...] { #expect(world.heard(number) == "000 c0 BCAST x\n") }
  }

  @Test(
    "While a broadcast is under way, who has been there all the time gets it once, and who is gone does not",
    arguments: UInt64(1)...20)
  func broadcastAmongChanges(seed: UInt64) throws {
    var chance = Chance(seed: seed)
    let world = World(loops: 2, limits: RegistryLimits(stepBudget: 10))
    let topics = (0..<8).map { "t\($0)" }
    let sender = try world.login("ann")
    try world.say(sender, topics.map { "SUBSCRIBE \($0)\n" }.joined())
    var stayers: [Int] = []
    var goers: [Int] = []
    for number in 0..<60 {
      let client = try world.login("c\(number)", loop: number % 2)
      let chosen = topics.filter { _ in chance.once(in: 2) } + ["t0"]
      try world.say(client, Set(chosen).map { "SUBSCRIBE \($0)\n" }.joined())
      if number % 3 == 0 { stayers.append(client) } else { goers.append(client) }
    }
    for number in stayers + goers { _ = world.heard(number) }
    var batch = RequestBatch()
    let bytes = Array("BCAST x\n".utf8)
    var session = world.connections[sender].session
    batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
    var newcomers: [Int] = []
    var pieces = 0
    while world.registry.serve(
      batch, bytes.span.bytes, from: world.connections[sender].client, session: &session) == .yielded(at: 0)
    {
      pieces += 1
      world.acted(0)
      if let goer = goers.indices.randomElement(using: &chance) { world.hangUp(goers.remove(at: goer)) }
      try world.settle()
      // The places of those who are gone are taken, by clients that share nothing.
      newcomers.append(try world.login("n\(pieces)", loop: pieces % 2))
    }
    #expect(pieces > 5)
    world.acted(0)
    try world.settle()
    for number in stayers + goers { #expect(world.heard(number) == "000 ann BCAST x\n") }
    for number in newcomers { #expect(world.heard(number) == "") }
    #expect(world.heard(sender).hasSuffix("200\n"))
  }

  @Test("A broadcast that is not gone on with gives its place up to another after a second, and begins anew")
  func stuckBroadcasts() throws {
    let (world, clients) = try world()
    var batch = RequestBatch()
    let bytes = Array("BCAST x\n".utf8)
    func serve(_ number: Int, at time: UInt32) -> Progress {
      var session = world.connections[clients[number]].session
      batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
      return world.registry.serve(
        batch, bytes.span.bytes, from: world.connections[clients[number]].client, session: &session,
        sender: SenderState(time: time))
    }
    for number in 0..<16 { #expect(serve(number, at: 0) == .yielded(at: 0)) }
    // No place: it makes no progress, however often it comes.
    for _ in 0..<20 { #expect(serve(16, at: 1000) == .yielded(at: 0)) }
    var pieces = 0
    while serve(16, at: 1001) == .yielded(at: 0) { pieces += 1 }
    #expect((4...6).contains(pieces), "\(pieces)")
    // A small one needs no place.
    let ann = try world.login("ann")
    #expect(world.send(ann, bytes) == .done)
    while serve(0, at: 1001) == .yielded(at: 0) {}
    world.acted(0)
    try world.settle()
    #expect(world.heard(clients[50]) == "000 c16 BCAST x\n000 c0 BCAST x\n")
  }

  @Test("Clients that broadcast again and again take turns with those that wait for a place")
  func broadcastsInTurn() throws {
    let (world, clients) = try world()
    var batch = RequestBatch()
    let bytes = Array("BCAST x\n".utf8)
    func serve(_ number: Int) -> Progress {
      var session = world.connections[clients[number]].session
      batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
      return world.registry.serve(
        batch, bytes.span.bytes, from: world.connections[clients[number]].client, session: &session,
        sender: SenderState(time: 0))
    }
    // Forty clients flood. Each begins its next broadcast as soon as the one before is done.
    var served = [Int](repeating: 0, count: 40)
    for _ in 0..<200 {
      for number in 0..<40 where serve(number) == .done {
        served[number] += 1
        _ = serve(number)
      }
      world.acted(0)
      try world.settle()
    }
    let most = served.max() ?? 0
    #expect(served.allSatisfy { $0 >= most - 2 && $0 > 5 }, "\(served)")
    // A client that leaves while it waits, or while it has a place, keeps nobody waiting.
    for number in 0..<39 { world.hangUp(clients[number]) }
    try world.settle()
    var pieces = 0
    while serve(39) != .done, pieces < 30 { pieces += 1 }
    #expect(pieces < 30)
    #expect(world.registry.broadcasts.gatherings.isEmpty)
  }

  @Test("However much of a batch is put off, all of it is served in the end, in order")
  func allServed() throws {
    let (world, clients) = try world()
    let words = (0..<30).map { "BCAST \($0)\nMCAST t1 \($0)\nPING\n" }.joined()
    #expect(try world.say(clients[0], words).hasSuffix(String(repeating: "200\n200\n000 . PONG\n", count: 30)))
    #expect(world.connections[clients[0]].yields >= 30)
    let expected = (0..<30).map { "000 c0 BCAST \($0)\n000 c0 MCAST t1 \($0)\n" }.joined()
    #expect(world.heard(clients[99]).hasSuffix(expected))
  }

  @Test("SUBSCRIBE with PRESENCE and UNSUBSCRIBE count what they look at, too")
  func presence() throws {
    let world = World(limits: RegistryLimits(stepBudget: 100))
    for number in 0..<60 { try world.say(try world.login("c\(number)"), "SUBSCRIBE t PRESENCE\n") }
    let ann = try world.login("ann")
    let words = String(repeating: "SUBSCRIBE t PRESENCE\nUNSUBSCRIBE t\n", count: 20)
    _ = try world.say(ann, words)
    #expect(world.connections[ann].yields >= 20)
  }

  @Test("While a loop sends to many, only messages to many wait for it")
  func busy() throws {
    let world = World()
    let clients = try (0..<1100).map { try world.login("c\($0)") }
    for number in clients { try world.say(number, "SUBSCRIBE all\n") }
    try world.say(clients[0], "SUBSCRIBE few\n")
    let ann = try world.login("ann")
    var log = DeliveryLog()
    world.registry.take(0, &log, isBusy: true)
    #expect(world.send(ann, Array("UCAST c1 x\nMCAST few x\nPING\n".utf8)) == .done)
    #expect(world.send(ann, Array("MCAST all x\n".utf8)) == .held(at: 0))
    try world.settle()
    #expect(world.heard(clients[5]).hasSuffix("000 ann MCAST all x\n"))
  }
}
