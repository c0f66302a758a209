// Who waits for whom, and without a bound only where it keeps nobody else waiting.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Waiting for recipients")
struct WaitingTests {
  /// `ann`, `bob` and `cat`, who all subscribe to `t`.
  private func world(_ limits: RegistryLimits = RegistryLimits()) throws -> (World, ann: Int, bob: Int, cat: Int) {
    let world = World(limits: limits)
    world.time = 100_000
    let numbers = try ["ann", "bob", "cat"].map { try world.login($0) }
    for number in numbers { try world.say(number, "SUBSCRIBE t\n") }
    return (world, numbers[0], numbers[1], numbers[2])
  }

  private func send(_ world: World, _ number: Int, _ words: String) -> Progress {
    world.send(number, Array(words.utf8))
  }

  @Test("A sender with one recipient waits for it without bound: it keeps nobody else waiting")
  func devoted() throws {
    let (world, ann, bob, _) = try world()
    world.connections[ann].isPatient = false
    try world.say(ann, "UCAST bob 1\n")
    world.setCongestion(bob, .slow)
    #expect(send(world, ann, "UCAST bob 2\n") == .held(at: 0))
    world.setCongestion(bob, .none)
    try world.settle()
    #expect(world.heard(bob) == "000 ann UCAST bob 1\n000 ann UCAST bob 2\n")
  }

  @Test("A sender that has written to somebody else of late waits as long as both are patient, and then no more")
  func hub() throws {
    let (world, ann, bob, _) = try world()
    try world.say(ann, "UCAST cat 1\nUCAST bob 1\n")
    world.setCongested(bob, true)
    #expect(send(world, ann, "UCAST bob 2\n") == .held(at: 0))
    // The recipient has had its share.
    world.setCongestion(bob, .slow)
    try world.settle()
    #expect(try world.say(ann, "UCAST bob 3\n") == "200\n200\n")
    #expect(world.heard(bob).hasSuffix("000 ann UCAST bob 2\n000 ann UCAST bob 3\n"))
    // The sender has had its share.
    world.setCongested(bob, false)
    world.setCongested(bob, true)
    world.connections[ann].isPatient = false
    #expect(try world.say(ann, "UCAST bob 4\n") == "200\n")
  }

  @Test("Ten seconds after its last message to somebody else a sender keeps nobody else waiting")
  func forgets() throws {
    let (world, ann, bob, _) = try world()
    try world.say(ann, "UCAST cat 1\nUCAST bob 1\n")
    world.setCongestion(bob, .slow)
    world.time += 10_000
    #expect(try world.say(ann, "UCAST bob 2\n") == "200\n")
    world.time += 1
    #expect(send(world, ann, "UCAST bob 3\n") == .held(at: 0))
  }

  @Test("What the sender has already said to others counts, although it has not been served")
  func othersFollow() throws {
    let (world, ann, bob, cat) = try world()
    world.setCongestion(bob, .slow)
    #expect(try world.say(ann, "UCAST bob 1\nUCAST cat 1\n") == "200\n200\n")
    #expect(world.heard(cat) == "000 ann UCAST cat 1\n")
  }

  @Test("One slow subscriber of several does not hold the others up once it has had its share")
  func topic() throws {
    let (world, ann, bob, cat) = try world()
    world.setCongested(bob, true)
    #expect(send(world, ann, "MCAST t 1\n") == .held(at: 0))
    world.setCongestion(bob, .slow)
    try world.settle()
    #expect(try world.say(ann, "MCAST t 2\n") == "200\n200\n")
    #expect(world.heard(cat) == "000 ann MCAST t 1\n000 ann MCAST t 2\n")
  }

  @Test("Where all subscribers are congested the sender waits until one of them is not, slow or not")
  func wholeTopic() throws {
    let (world, ann, bob, cat) = try world()
    world.connections[ann].isPatient = false
    world.setCongestion(bob, .slow)
    world.setCongestion(cat, .slow)
    #expect(send(world, ann, "MCAST t 1\n") == .held(at: 0))
    world.setCongestion(cat, .none)
    try world.settle()
    #expect(world.heard(cat) == "000 ann MCAST t 1\n")
  }

  @Test("A sender that waits for all subscribers of a topic does not keep one waiting that comes later")
  func newcomer() throws {
    let (world, ann, bob, cat) = try world()
    world.connections[ann].isPatient = false
    world.setCongestion(bob, .slow)
    world.setCongestion(cat, .slow)
    #expect(send(world, ann, "MCAST t 1\n") == .held(at: 0))
    let dan = try world.login("dan")
    #expect(try world.say(dan, "SUBSCRIBE t\n") == "200\n000 ann MCAST t 1\n")
    #expect(world.registry.flow.waiters.isEmpty)
  }

  @Test("With small limits a sender keeps the pace of the slowest subscriber that drains now and then")
  func pace() throws {
    let (world, ann, bob, cat) = try world(RegistryLimits(paceOfSlowest: true))
    world.connections[ann].isPatient = false
    world.setCongestion(bob, .slow)
    #expect(send(world, ann, "MCAST t 1\n") == .held(at: 0))
    world.setCongestion(bob, .none)
    try world.settle()
    #expect(world.heard(cat) == "000 ann MCAST t 1\n")
    // One that does not drain holds nobody, and the other one is all that counts.
    world.setCongestion(bob, .stuck)
    #expect(send(world, ann, "MCAST t 2\n") == .done)
    world.setCongestion(cat, .slow)
    #expect(send(world, ann, "MCAST t 3\n") == .held(at: 0))
    world.setCongestion(cat, .none)
    try world.settle()
    #expect(world.heard(cat) == "000 ann MCAST t 2\n000 ann MCAST t 3\n")
    // With other limits it keeps the pace of all together, not of one.
    let (other, tom, tim, _) = try self.world()
    other.connections[tom].isPatient = false
    other.setCongestion(tim, .slow)
    #expect(send(other, tom, "MCAST t 1\n") == .done)
  }

  @Test("A sender that has other targets is not held without bound for some subscribers of a topic")
  func paceOfOthers() throws {
    let (world, ann, bob, cat) = try world(RegistryLimits(paceOfSlowest: true))
    #expect(send(world, ann, "UCAST bob x\n") == .done)
    world.connections[ann].isPatient = false
    world.setCongestion(bob, .slow)
    world.setCongestion(cat, .slow)
    #expect(send(world, ann, "MCAST t 1\n") == .done)
  }

  @Test("A sender waits no longer for subscribers that leave: then the others are all there are")
  func leaving() throws {
    for words in ["UNSUBSCRIBE t\n", "CLOSE\n"] {
      let (world, ann, bob, cat) = try world()
      world.setCongestion(bob, .slow)
      world.setCongestion(cat, .slow)
      #expect(send(world, ann, "MCAST t 1\n") == .held(at: 0))
      try world.say(bob, words)
      try world.say(cat, words)
      #expect(world.heard(ann) == "200\n")
      #expect(world.registry.flow.waiters.isEmpty)
    }
  }

  @Test("PING, PONG, CLOSE, LOGIN and unknown verbs wait for nothing", arguments: [1, 2])
  func neverHeld(loops: Int) throws {
    let world = World(loops: loops, limits: RegistryLimits(logBytes: 1, fanOutBytes: 1, clientBytes: 1))
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: loops - 1)
    for number in [ann, bob] { try world.say(number, "SUBSCRIBE t\n") }
    world.setCongested(bob, true)
    world.setCongested(ann, true)
    #expect(send(world, ann, "PING\nPONG\nDANCE\nPING\nLOGIN x open\nPING\nCLOSE\n") == .ended)
    #expect(send(world, world.connect(loop: loops - 1), "LOGIN cat open\n") == .done)
    try world.settle()
    #expect(world.heard(ann).hasSuffix("000 . PONG\n501\n000 . PONG\n405\n000 . PONG\n200\n"))
  }

  @Test("A full log holds only what would go into it")
  func otherLog() throws {
    let world = World(loops: 3, limits: RegistryLimits(logBytes: 500))
    let ann = try world.login("ann", loop: 0)
    _ = try world.login("bob", loop: 1)
    let cat = try world.login("cat", loop: 2)
    let dan = try world.login("dan", loop: 2)
    try world.say(cat, "SUBSCRIBE t\n")
    try world.say(dan, "SUBSCRIBE t PRESENCE\n")
    _ = world.heard(cat)
    let flood = "UCAST bob \(String(repeating: "x", count: 600))\n"
    #expect(send(world, ann, flood) == .done)
    #expect(send(world, ann, "UCAST bob x\n") == .held(at: 0))
    // No log of theirs is full.
    #expect(send(world, dan, "UCAST cat x\n") == .done)
    #expect(send(world, dan, "MCAST t x\nBCAST y\nUNSUBSCRIBE t\nSUBSCRIBE t\n") == .done)
    #expect(world.registry.counts.heldForLog == 1)
  }

  @Test("A topic that had members on the loop of a full log, and has none any more, is not held")
  func formerMembers() throws {
    let world = World(loops: 2, limits: RegistryLimits(logBytes: 150))
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: 1)
    let cat = try world.login("cat")
    for number in [bob, cat] { try world.say(number, "SUBSCRIBE t\n") }
    try world.say(bob, "UNSUBSCRIBE t\n")
    #expect(send(world, ann, "UCAST bob \(String(repeating: "x", count: 200))\n") == .done)
    #expect(send(world, ann, "MCAST t x\n") == .done)
    #expect(send(world, ann, "UCAST bob x\n") == .held(at: 0))
  }

  @Test("While all output together takes much memory, messages wait a moment, until the sender's patience is over")
  func pressed() throws {
    let (world, ann, bob, _) = try world()
    world.pressure = .input
    #expect(send(world, ann, "PING\nUCAST nobody x\nUCAST ann x\nUCAST bob x\n") == .yielded(at: 32))
    #expect(world.registry.counts.heldForMemory == 1)
    try world.settle()
    #expect(world.heard(bob) == "")
    let dan = try world.login("dan")
    world.connections[dan].isPatient = false
    #expect(send(world, dan, "UCAST bob y\n") == .done)
    // If it is output that takes the memory, waiting is what makes it less.
    world.pressure = .output
    #expect(send(world, dan, "PING\nUCAST bob z\n") == .yielded(at: 5))
    let counts = world.registry.flow.isShared
    #expect(!counts)
  }
}
