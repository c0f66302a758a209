// A login under an identifier that somebody has.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Takeover (Named connections)")
struct TakeoverTests {
  @Test("The connection before is closed, the new one stays", arguments: [1, 2])
  func displaced(loops: Int) throws {
    let world = World(loops: loops)
    let old = try world.login("ann", loop: 0)
    let new = try world.login("ann", loop: loops - 1)
    #expect(world.connections[old].closed == .displaced)
    #expect(world.heard(old) == "")
    // The old one's leaving, after its loop has closed it, changes nothing for the new one.
    #expect(world.registry.clientCount == 1)
    #expect(try world.say(new, "UCAST ann x\n") == "000 ann UCAST ann x\n200\n")
  }

  @Test("Watchers see the old connection leave before anything of the new one", arguments: [1, 2])
  func order(loops: Int) throws {
    let world = World(loops: loops)
    let eve = try world.login("eve", loop: loops - 1)
    try world.say(eve, "SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    let old = try world.login("ann")
    try world.say(old, "SUBSCRIBE t\nSUBSCRIBE u PRESENCE\n")
    _ = world.heard(eve)
    try world.say(world.connect(loop: loops - 1), "LOGIN ann open\nSUBSCRIBE t PRESENCE\n")
    #expect(
      world.heard(eve)
        == "000 ann UNSUBSCRIBE u\n000 ann UNSUBSCRIBE t\n000 ann SUBSCRIBE t PRESENCE\n")
  }

  @Test("What the old connection still had to say is not served")
  func midBatch() throws {
    let world = World(loops: 2)
    let bob = try world.login("bob")
    let old = try world.login("ann", loop: 0)
    world.send(world.connect(loop: 1), Array("LOGIN ann open\n".utf8))
    // The close is on its way; the old loop does not know of it yet.
    #expect(world.send(old, Array("UCAST bob x\n".utf8)) == .ended)
    try world.settle()
    #expect(world.heard(bob) == "")
    #expect(world.connections[old].closed == .displaced)
  }

  @Test("A connection that was held back and displaced meanwhile is over when it goes on")
  func whileHeld() throws {
    let world = World(loops: 2)
    let bob = try world.login("bob")
    let old = try world.login("ann", loop: 0)
    world.setCongested(bob, true)
    #expect(world.send(old, Array("UCAST bob x\n".utf8)) == .held(at: 0))
    world.send(world.connect(loop: 1), Array("LOGIN ann open\n".utf8))
    world.setCongested(bob, false)
    try world.settle()
    #expect(world.heard(bob) == "")
    #expect(world.connections[old].closed == .displaced)
  }

  @Test("With as many clients as there may be, only a login that displaces one is served", arguments: [1, 2])
  func limit(loops: Int) throws {
    let world = World(loops: loops)
    world.registry.maxClients = 2
    let old = try world.login("ann", loop: 0)
    let bob = try world.login("bob", loop: loops - 1)
    for name in ["eve", "."] {
      let refused = world.connect(loop: loops - 1)
      // Without a response; and what comes behind it is not served.
      #expect(try world.say(refused, "LOGIN \(name) open\nUCAST bob x\n") == "")
      #expect(world.connections[refused].closed == .connectionLimit)
    }
    let new = try world.login("ann", loop: loops - 1)
    #expect(world.connections[old].closed == .displaced)
    #expect(world.registry.clientCount == 2)
    #expect(world.heard(bob) == "")
    try world.say(new, "CLOSE\n")
    _ = try world.login("eve")
    #expect(world.registry.clientCount == 2)
  }

  @Test("Who logged in by cert is not displaced by a login of another scheme: 401")
  func certified() throws {
    let world = World()
    let schemes = SchemeSet([.cert, .open])
    let ann = CertificateNames(commonNames: [Array("ann".utf8)], alternativeNames: [])
    let old = world.connect(schemes: schemes, names: ann)
    #expect(try world.say(old, "LOGIN ann cert\n") == "200\n")
    let new = world.connect(schemes: schemes, names: ann)
    #expect(try world.say(new, "LOGIN ann open\n") == "401 cert open\n")
    #expect(world.connections[new].closed == .unauthorized)
    #expect(try world.say(old, "PING\n") == "000 . PONG\n")
    let successor = world.connect(schemes: schemes, names: ann)
    #expect(try world.say(successor, "LOGIN ann cert\n") == "200\n")
    #expect(world.connections[old].closed == .displaced)
  }
}
