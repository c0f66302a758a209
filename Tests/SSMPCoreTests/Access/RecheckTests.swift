// Other access rules, and those who are there when they come into force.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Replacing access rules")
struct RecheckTests {
  private static let anything = "* subscribe,presence,publish,unicast *"

  private func world(loops: Int = 1, _ lines: [AccessRule] = rules("* login", anything)) -> World {
    let world = World(loops: loops)
    world.replaceAccess(AccessRules(lines))
    return world
  }

  @Test("Whoever may not be logged in any more is closed, and its UNSUBSCRIBE events go out", arguments: [1, 2])
  func login(loops: Int) throws {
    let world = world(loops: loops)
    let hub = try world.login("hub")
    let cam = try world.login("cam", loop: loops - 1)
    try world.say(hub, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    try world.say(cam, "SUBSCRIBE t\nSUBSCRIBE u\nSUBSCRIBE alone\n")
    _ = world.heard(hub)
    world.replaceAccess(AccessRules(rules("hub login", Self.anything)))
    try world.recheck()
    #expect(world.connections[cam].closed == .accessRevoked)
    #expect(world.heard(hub) == "000 cam UNSUBSCRIBE u\n000 cam UNSUBSCRIBE t\n")
    #expect(world.connections[hub].closed == nil && world.registry.clientCount == 1)
    #expect(world.registry.topicCount == 2)
  }

  @Test("A login is looked at again with the scheme that it was made by")
  func scheme() throws {
    let world = World(secret: Array("sesame".utf8))
    world.replaceAccess(AccessRules(rules("* login")))
    let schemes = SchemeSet([.cert, .secret, .open])
    let names = CertificateNames(commonNames: [Array("c".utf8)], alternativeNames: [])
    let numbers = [world.connect(schemes: schemes, names: names)] + (0..<2).map { _ in world.connect(schemes: schemes) }
    for (number, words) in zip(numbers, ["c cert", "s secret sesame", "o open"]) {
      #expect(try world.say(number, "LOGIN \(words)\n") == "200\n")
    }
    func closed() -> [CloseReason?] { numbers.map { world.connections[$0].closed } }
    world.replaceAccess(AccessRules(rules("* login cert secret")))
    try world.recheck()
    #expect(closed() == [nil, nil, .accessRevoked])
    world.replaceAccess(AccessRules(rules("* login cert")))
    try world.recheck()
    #expect(closed() == [nil, .accessRevoked, .accessRevoked])
  }

  @Test(
    "Whoever holds a subscription, or its presence, that is not allowed any more is closed; who holds others stays",
    arguments: [1, 2], [("t", true), ("t", false), ("u", true)])
  func subscription(loops: Int, lost: (topic: String, withPresence: Bool)) throws {
    let world = world(loops: loops)
    let hub = try world.login("hub")
    try world.say(hub, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    let plain = try world.login("plain", loop: loops - 1)
    try world.say(plain, "SUBSCRIBE t\n")
    let watcher = try world.login("watcher", loop: loops - 1)
    try world.say(watcher, "SUBSCRIBE u\nSUBSCRIBE t PRESENCE\n")
    _ = world.heard(hub)
    let kept = lost.topic == "t" ? "u" : "t"
    var lines = rules("* login", "hub subscribe,presence *", "* subscribe,presence \(kept)")
    if lost.withPresence { lines += rules("* subscribe \(lost.topic)") }
    world.replaceAccess(AccessRules(lines))
    try world.recheck()
    let losesPlain = lost == ("t", false)
    let losesWatcher = lost.topic == "t"
    #expect(world.connections[plain].closed == (losesPlain ? .accessRevoked : nil))
    #expect(world.connections[watcher].closed == (losesWatcher ? .accessRevoked : nil))
    #expect(world.connections[hub].closed == nil)
    var wanted: Set<String> = losesPlain ? ["000 plain UNSUBSCRIBE t"] : []
    if losesWatcher { wanted.formUnion(["000 watcher UNSUBSCRIBE t", "000 watcher UNSUBSCRIBE u"]) }
    #expect(Set(world.heard(hub).split(separator: "\n").map(String.init)) == wanted)
  }

  @Test("Who has lost a right that it does not use stays, and is refused from then on")
  func unused() throws {
    let world = world()
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE t\nMCAST u x\n")
    world.replaceAccess(AccessRules(rules("* login", "* subscribe t")))
    try world.recheck()
    #expect(try world.say(ann, "MCAST u x\nSUBSCRIBE v\nUCAST ann x\nUNSUBSCRIBE t\n") == "405\n405\n405\n200\n")
  }

  @Test("New rules apply to every request at once, before anybody has been looked at")
  func atOnce() throws {
    let world = world()
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    try world.say(bob, "SUBSCRIBE t PRESENCE\n")
    world.replaceAccess(AccessRules(rules("ann login", "ann publish only", "bob subscribe,presence t")))
    #expect(try world.say(ann, "MCAST t x\nMCAST only x\n") == "405\n200\n")
    // Nothing of it is served: not even what needs no right.
    #expect(try world.say(bob, "PING\nUCAST ann x\n") == "")
    #expect(world.connections[bob].closed == .accessRevoked && world.heard(ann) == "")
    #expect(try world.say(ann, "UCAST bob x\n") == "405\n")
  }

  @Test("A client that was held back is closed like any other, and nobody waits for it any more")
  func held() throws {
    let world = world()
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    let cat = try world.login("cat")
    world.setCongested(bob, true)
    try world.say(ann, "UCAST bob x\n")
    try world.say(cat, "UCAST bob y\n")
    #expect(world.connections[ann].isHeld && world.connections[cat].isHeld)
    world.replaceAccess(AccessRules(rules("cat login", Self.anything)))
    try world.recheck()
    #expect(world.connections[ann].closed == .accessRevoked && world.connections[bob].closed == .accessRevoked)
    #expect(world.heard(cat) == "404\n" && !world.connections[cat].isHeld)
  }

  @Test("A client whose initial batch of presence is under way is closed, and the batch ends")
  func roster() throws {
    let world = World(limits: RegistryLimits(rosterSlice: 1))
    world.replaceAccess(AccessRules(rules("* login", Self.anything)))
    for name in ["a", "b", "c"] { try world.say(try world.login(name), "SUBSCRIBE t\n") }
    let eve = try world.login("eve")
    world.send(eve, Array("SUBSCRIBE t PRESENCE\n".utf8))
    world.take(0)
    try world.work(0)
    #expect(world.connections[eve].owesRoster)
    world.replaceAccess(AccessRules(rules("* login", "* subscribe t")))
    try world.recheck(steps: 1)
    #expect(world.connections[eve].closed == .accessRevoked)
    #expect(world.heard(eve).split(separator: "\n").count == 2)
    #expect(world.registry.subscriptions.rosters.count == 0 && world.registry.subscriptionCount == 3)
  }

  @Test("Looking at everybody again goes in steps, as many as are allowed at a time")
  func steps() throws {
    let world = world()
    for number in 0..<100 { try world.say(try world.login("c/\(number)"), "SUBSCRIBE t\nSUBSCRIBE u\n") }
    let all = AccessRules(rules("* login", Self.anything))
    world.replaceAccess(all)
    // A hundred clients among the 512 slots of a chunk, two hundred subscriptions, and the ends of both.
    #expect(try world.recheck(steps: 10) >= (512 + 200) / 10)
    world.replaceAccess(all)
    #expect(try world.recheck(steps: 10_000) == 1)
    #expect(world.registry.clientCount == 100)
  }

  @Test("While a log is full nobody is closed: its loop works it off first")
  func obstructed() throws {
    let world = World(limits: RegistryLimits(fanOutBytes: 1))
    world.replaceAccess(AccessRules(rules("* login", Self.anything)))
    let watchers = try ["x", "y"].map { try world.login($0) }
    for number in watchers { try world.say(number, "SUBSCRIBE t PRESENCE\n") }
    for name in ["a", "b"] { try world.say(try world.login(name), "SUBSCRIBE t\n") }
    for number in watchers { _ = world.heard(number) }
    world.replaceAccess(AccessRules(rules("x login", "y login", Self.anything)))
    #expect(world.registry.recheck(on: 0, steps: 10_000) == .obstructed)
    #expect(world.registry.clientCount == 3)
    world.acted(0)
    try world.settle()
    try world.recheck()
    #expect(world.registry.clientCount == 2)
    for number in watchers { #expect(world.heard(number) == "000 a UNSUBSCRIBE t\n000 b UNSUBSCRIBE t\n") }
  }

  @Test("Rules are told apart however often they are replaced", arguments: 250..<260)
  func generations(times: Int) throws {
    let world = World()
    world.replaceAccess(AccessRules(rules("* login", "ann publish *")))
    let ann = try world.login("ann")
    #expect(try world.say(ann, "MCAST t x\n") == "200\n")
    // In these bob has the role that ann had. Nobody is looked at until the number of the rules is the same again.
    let others = AccessRules(rules("* login", "bob publish *"))
    for _ in 0..<times { world.replaceAccess(others) }
    #expect(try world.say(ann, "MCAST t x\n") == "405\n")
    let bob = try world.login("bob")
    for count in 0..<20 {
      world.replaceAccess(AccessRules(rules("* login", "\(count % 2 == 0 ? "ann" : "bob") publish *")))
      #expect(try world.say(ann, "MCAST t x\n") == (count % 2 == 0 ? "200\n" : "405\n"))
    }
    #expect(try world.say(bob, "MCAST t x\n") == "200\n")
  }
}

@Suite("Replacing access rules at random")
struct RecheckPropertyTests {
  private static let names = ["a", "b", "a/1", "a/2", "b/1", "c"]
  private static let topics = ["t", "u", "t/1", "t/2", "a/1", "a/1/x"]

  private static func randomRules(_ chance: inout Chance) -> [AccessRule] {
    var lines = rules("a login", "\(chance.pick(["*", "a/", "b/", "b"])) login")
    for _ in 0..<chance.below(6) {
      let right = chance.pick(["publish", "subscribe", "subscribe,presence", "unicast", "publish,subscribe"])
      let target = chance.pick(["*", "t", "t/", "u", "%i", "%i/", "a/"])
      lines += rules("\(chance.pick(["*", "a", "a/", "b/", "a/1"])) \(right) \(target)")
    }
    if chance.once(in: 3) { lines += rules("\(chance.pick(["*", "a/"])) broadcast") }
    return lines
  }

  @Test(
    "Every answer is that of the rules in force, and afterwards nobody is there with what they do not allow",
    arguments: 0..<40 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var chance = Chance(seed: seed)
    let world = World(loops: 1 + Int(seed % 2))
    var meaning = ReferenceRules(rules: rules("* login", "* publish,subscribe,presence,unicast *"))
    world.replaceAccess(AccessRules(meaning.rules))
    var clients: [String: Int] = [:]
    var revoked = 0
    for _ in 0..<60 {
      for _ in 0..<chance.below(12) { try act(world, meaning, &clients, &chance) }
      meaning = ReferenceRules(rules: Self.randomRules(&chance))
      world.replaceAccess(AccessRules(meaning.rules))
      var result = Recheck.more
      while result != .done {
        result = world.registry.recheck(on: world.registry.loops - 1, steps: 1 + chance.below(400))
        world.acted(world.registry.loops - 1)
        try world.settle()
        if chance.once(in: 2) { try act(world, meaning, &clients, &chance) }
      }
      for (name, number) in clients where world.connections[number].isOver {
        if world.connections[number].closed == .accessRevoked { revoked += 1 }
        clients[name] = nil
      }
      try check(world, meaning, clients)
    }
    #expect(revoked > 0)
  }

  /// Has somebody log in, or ask for something, and compares the answer with what the rules mean.
  private func act(
    _ world: World, _ meaning: ReferenceRules, _ clients: inout [String: Int], _ chance: inout Chance
  ) throws {
    let name = chance.pick(Self.names)
    let identity = Array(name.utf8)
    let mayLogIn = meaning.allowsLogin(identity, by: .open)
    guard let number = clients[name], !world.connections[number].isOver else {
      let number = world.connect(loop: chance.below(world.registry.loops))
      #expect(try world.say(number, "LOGIN \(name) open\n") == (mayLogIn ? "200\n" : "401 open\n"))
      clients[name] = mayLogIn ? number : nil
      return
    }
    let topic = chance.pick(Self.topics)
    let (words, right): (String, AccessRights) = chance.pick([
      ("MCAST \(topic) x", .publish), ("SUBSCRIBE \(topic)", .subscribe), ("UCAST \(topic) x", .unicast),
      ("SUBSCRIBE \(topic) PRESENCE", [.subscribe, .presence]), ("BCAST x", .broadcast),
    ])
    _ = world.heard(number)
    let answers = try world.say(number, "\(words)\n").split(separator: "\n").filter { !$0.hasPrefix("000 ") }
    guard mayLogIn else {
      #expect(answers.isEmpty && world.connections[number].closed == .accessRevoked)
      return
    }
    let single: [AccessRights] = [.publish, .subscribe, .presence, .unicast, .broadcast]
    let isAllowed = single.filter(right.contains).allSatisfy {
      meaning.allows($0, identity, over: Array(topic.utf8))
    }
    #expect(answers.count == 1 && (answers.first == "405") == !isAllowed, "\(name): \(words) was answered \(answers)")
  }

  /// Nobody is there who may not be, nor holds a subscription that it may not.
  private func check(_ world: World, _ meaning: ReferenceRules, _ clients: [String: Int]) throws {
    #expect(world.registry.clientCount == clients.count)
    for (name, number) in clients {
      let identity = Array(name.utf8)
      #expect(meaning.allowsLogin(identity, by: .open))
      var subscription = world.registry.record(world.connections[number].client).firstSubscription
      while subscription != .none {
        let record = world.registry.subscriptions[subscription]
        let topic = world.registry.names.bytes(of: world.registry.topics[record.topic].name)
        #expect(meaning.allows(.subscribe, identity, over: topic))
        #expect(record.watch == .none || meaning.allows(.presence, identity, over: topic))
        subscription = record.next
      }
    }
  }
}
