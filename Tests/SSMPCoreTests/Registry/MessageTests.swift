// Unicast, multicast and broadcast.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Messages")
struct MessageTests {
  @Test("UCAST reaches its recipient, byte for byte (Unicast; Payload encoding)", arguments: [1, 2])
  func unicast(loops: Int) throws {
    let world = World(loops: loops)
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: loops - 1)
    let payloads: [[UInt8]] = [[255, 0, 13, 128, 32], [0, 1, 10, 0]]
    let requests = payloads.map { Array("UCAST bob ".utf8) + $0 + [10] }
    world.send(ann, requests.flatMap { $0 })
    try world.settle()
    #expect(world.heard(ann) == "200\n200\n")
    let events = requests.flatMap { Array("000 ann ".utf8) + $0 }
    #expect(world.connections[bob].received == Array("200\n".utf8) + events)
  }

  @Test("UCAST to nobody is answered 404 (Unicast)")
  func nobody() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "UCAST bob x\n") == "404\n")
    world.hangUp(try world.login("bob"))
    #expect(try world.say(ann, "UCAST bob x\n") == "404\n")
  }

  @Test("UCAST to oneself arrives")
  func oneself() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "PING\nUCAST ann x\nPING\n") == "000 . PONG\n000 ann UCAST ann x\n200\n000 . PONG\n")
  }

  @Test("MCAST reaches every subscriber but the sender (Multicast)", arguments: [1, 3])
  func multicast(loops: Int) throws {
    let world = World(loops: loops)
    let clients = try ["ann", "bob", "cat", "dan"].enumerated().map { try world.login($1, loop: $0 % loops) }
    for number in clients[..<3] { try world.say(number, "SUBSCRIBE t\n") }
    #expect(try world.say(clients[0], "MCAST t hi\n") == "200\n")
    #expect(clients[1...].map { world.heard($0) } == ["000 ann MCAST t hi\n", "000 ann MCAST t hi\n", ""])
    #expect(try world.say(clients[3], "MCAST t yo\n") == "200\n")
    #expect(clients.map { world.heard($0) } == Array(repeating: "000 dan MCAST t yo\n", count: 3) + [""])
  }

  @Test("MCAST to a topic without subscribers is answered 200 (Multicast)")
  func noTopic() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "MCAST t x\nSUBSCRIBE t\nMCAST t x\n") == "200\n200\n200\n")
  }

  @Test("BCAST reaches each peer that shares a topic once, and not the sender (Broadcast)", arguments: [1, 2])
  func broadcast(loops: Int) throws {
    let world = World(loops: loops)
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: loops - 1)
    let cat = try world.login("cat")
    try world.say(ann, "SUBSCRIBE t\nSUBSCRIBE u\nSUBSCRIBE v\n")
    try world.say(bob, "SUBSCRIBE t\nSUBSCRIBE u\n")
    try world.say(cat, "SUBSCRIBE w\n")
    #expect(try world.say(ann, "BCAST x\nBCAST y\n") == "200\n200\n")
    #expect(world.heard(bob) == "000 ann BCAST x\n000 ann BCAST y\n")
    #expect(world.heard(cat) == "")
    #expect(try world.say(cat, "BCAST z\n") == "200\n")
  }

  @Test("When the numbers of broadcasts begin again, everybody is still reached, once")
  func wrapAround() throws {
    let world = World()
    let names = ["ann", "bob", "cat"]
    let clients = try names.map { try world.login($0) }
    for number in clients { try world.say(number, "SUBSCRIBE t\nSUBSCRIBE u\n") }
    // Somebody has the numbers that come next.
    try world.say(clients[2], "BCAST one\n")
    try world.say(clients[2], "BCAST two\n")
    _ = clients.map { world.heard($0) }
    world.registry.broadcasts.number = .max - 1
    for count in 0..<4 {
      #expect(try world.say(clients[0], "BCAST \(count)\n") == "200\n")
      #expect(clients[1...].map { world.heard($0) } == Array(repeating: "000 ann BCAST \(count)\n", count: 2))
    }
  }
}

@Suite("Runs of messages")
struct RunTests {
  static let stream = [
    "MCAST t 1", "MCAST t 2", "PING", "MCAST t 3", "MCAST u 4", "MCAST t 5", "UCAST bob 6", "UCAST bob 7", "UCAST no 8",
    "UCAST bob 9", "FOO", "UCAST cat 10", "BCAST 11", "BCAST 12", "SUBSCRIBE t", "MCAST t 13", "UNSUBSCRIBE t",
    "MCAST t 14", "UCAST ann 15", "UCAST ann 16", "PING", "UCAST ann 17", "LOGIN x open", "UCAST ann 18", "MCAST no 19",
    "MCAST no 20", "BCAST 21", "CLOSE",
  ].map { $0 + "\n" }

  @Test("What is served at once gives the same streams as one request at a time", arguments: [1, 2])
  func sameStreams(loops: Int) throws {
    let atOnce = try play([Self.stream.joined()], loops)
    let oneByOne = try play(Self.stream, loops)
    #expect(atOnce == oneByOne)
    #expect(atOnce[1].contains("MCAST t 5") && atOnce[1].contains("BCAST 21"))
  }

  @Test("A run costs one entry in the log of its recipients, however long it is")
  func oneEntry() throws {
    let world = World(loops: 2)
    let ann = try world.login("ann")
    for name in ["b", "c"] { try world.say(try world.login(name, loop: 1), "SUBSCRIBE t\n") }
    world.send(ann, Array(String(repeating: "MCAST t x\n", count: 50).utf8))
    let entries = world.registry.logs[1].count
    #expect(entries == 1)
  }

  private func play(_ pieces: [String], _ loops: Int) throws -> [String] {
    let world = World(loops: loops)
    let ann = try world.login("ann")
    let bob = try world.login("bob", loop: loops - 1)
    let cat = try world.login("cat")
    try world.say(ann, "SUBSCRIBE v\n")
    try world.say(bob, "SUBSCRIBE t PRESENCE\nSUBSCRIBE v\n")
    try world.say(cat, "SUBSCRIBE t\nSUBSCRIBE u\n")
    for piece in pieces {
      world.send(ann, Array(piece.utf8))
      try world.settle()
    }
    return [ann, bob, cat].map { world.heard($0) }
  }
}
