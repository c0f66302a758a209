// Random operations of many clients.

import FuzzHarness
import SSMPCore

/// Does random things to a world and compares it with the model now and then.
struct Storm {
  let world: World
  private var chance: Chance
  private var model: Model
  private var open: [Int] = []
  private var congested: Set<Int> = []
  private var sawDepartures = false

  private static let names = ["ann", "bob", "cat", "dan", "eve", String(repeating: "f", count: 64), "."]
  private static let topics = ["a", "b", "cc", "ann", String(repeating: "t", count: 40)]

  init(world: World, seed: UInt64) {
    self.world = world
    chance = Chance(seed: seed)
    model = Model(of: world)
  }

  /// The kinds of outcome that a storm must have met for its silence to mean something; those that it has not.
  var sawEverything: [String] {
    let counts = world.registry.counts
    var missing = ReplyCode.allCases.filter { counts.replies[$0] == 0 }.map { "\($0)" }
    missing += Verb.allCases.filter { counts.requests[$0] == 0 }.map { "\($0)" }
    let reasons: [CloseReason] = [.closeRequest, .badRequest, .loginExpected, .unauthorized, .displaced]
    missing += reasons.filter { reason in !world.connections.contains { $0.closed == reason } }.map { "\($0)" }
    if !sawDepartures { missing.append("departures in pieces") }
    if !world.connections.contains(where: { $0.yields > 0 }) { missing.append("requests put off") }
    if counts.heldForClient == 0 { missing.append("held for a client") }
    if counts.subscriptionsRefused == 0 { missing.append("limit of subscriptions") }
    return missing
  }

  mutating func rage(operations: Int, checkEvery: Int) throws {
    for operation in 1...operations {
      try act()
      if world.registry.outlook(of: 0).hasDepartures { sawDepartures = true }
      if operation % checkEvery == 0 { try compare() }
    }
    for number in open { world.hangUp(number) }
    try compare()
  }

  private mutating func compare() throws {
    for number in congested { world.setCongested(number, false) }
    congested = []
    try world.settle()
    for (number, connection) in world.connections.enumerated() where !connection.isOver && connection.isHeld {
      throw FuzzFailure("connection \(number) is held back for ever")
    }
    model.follow(world)
    try model.checkQuiet(world)
  }

  private mutating func act() throws {
    open.removeAll { world.connections[$0].isOver }
    let loop = chance.below(world.registry.loops)
    switch chance.below(100) {
    case 0..<8: connect(loop)
    case 8..<60: talk()
    case 60..<63:
      if !open.isEmpty { world.hangUp(chance.pick(open)) }
    case 63..<68:
      guard !open.isEmpty else { return }
      let number = chance.pick(open)
      congested.insert(number)
      world.setCongestion(number, [.waitedFor, .slow, .stuck][chance.below(3)])
      world.connections[number].isPatient = chance.once(in: 2)
    case 68..<74:
      guard let number = congested.min() else { return }
      congested.remove(number)
      world.setCongested(number, false)
    case 74..<76:
      world.time &+= UInt32(chance.below(6000))
      world.advanceDepartures(on: loop)
    case 76..<80:
      if !open.isEmpty { world.continueRosters(chance.pick(open)) }
    default:
      world.take(loop)
      try world.work(loop, atMost: chance.below(8))
    }
  }

  private mutating func connect(_ loop: Int) {
    guard open.count < 10 else { return }
    // One in three has a certificate, for a name of which there are not many.
    let names = CertificateNames(
      commonNames: [Array(chance.pick(Self.names).utf8)], alternativeNames: [Array("x".utf8)])
    let number = world.connect(
      loop: loop, schemes: SchemeSet([.cert, .secret, .open]), strict: chance.once(in: 3),
      names: chance.once(in: 3) ? names : nil)
    open.append(number)
    var words = "LOGIN \(chance.pick(Self.names)) "
    switch chance.below(14) {
    case 0: words += "secret wrong"
    case 1: words += "secret"
    case 2: words += "cert"
    case 3: words = "PING"
    case 4: return
    case 12: words = "LOGIN \(chance.pick(Self.names)) cert"
    case 13: words = "LOGIN x/\(chance.below(3)) cert"
    case 5, 6: words += "secret s3cret"
    case 7: words += "open whatever this is"
    default: words += "open"
    }
    world.send(number, Array((words + lineEnd(number)).utf8))
  }

  /// One to five requests of one client, in one piece or in several.
  private mutating func talk() {
    guard !open.isEmpty else { return }
    let number = chance.pick(open)
    var bytes: [UInt8] = []
    for _ in 0...chance.below(5) { bytes += request(number) }
    while !bytes.isEmpty {
      let size = chance.once(in: 3) ? 1 + chance.below(bytes.count) : bytes.count
      world.send(number, Array(bytes.prefix(size)))
      bytes.removeFirst(size)
    }
  }

  private func lineEnd(_ number: Int) -> String {
    // A number of its own for each connection, so that it keeps to what its LOGIN began.
    !(world.connections[number].session.framing == .exact) && number % 2 == 0 ? "\r\n" : "\n"
  }

  private mutating func request(_ number: Int) -> [UInt8] {
    let name = chance.pick(Self.names)
    let topic = chance.pick(Self.topics)
    let words: String
    switch chance.below(80) {
    case 0..<10: words = "SUBSCRIBE \(topic)"
    case 10..<24: words = "SUBSCRIBE \(topic) PRESENCE"
    case 24..<36: words = "UNSUBSCRIBE \(topic)"
    case 36..<46: words = "UCAST \(name) hello \(chance.below(100))"
    case 46..<56: words = "MCAST \(topic) to all \(chance.below(100))"
    case 56..<62: words = "BCAST everybody \(chance.below(100))"
    case 62..<64: return Array("MCAST \(topic) ".utf8) + [0, 2, 10, 13, UInt8(chance.below(256)), 10]
    case 64..<66: words = "PING"
    case 66..<68: words = "PONG"
    case 68..<70: words = "LOGIN \(name) open"
    case 70..<72: words = "DANCE \(topic) with me"
    case 72: words = "CLOSE"
    case 73: words = chance.once(in: 4) ? "UCAST nobody" : "PING"
    default: words = "MCAST \(topic) again and again"
    }
    return Array((words + lineEnd(number)).utf8)
  }
}
