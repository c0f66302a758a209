// Logging in.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("LOGIN")
struct LoginTests {
  @Test("A successful LOGIN is answered 200 without a payload (Login)")
  func ok() throws {
    let world = World()
    #expect(try world.say(world.connect(), "LOGIN ann open\n") == "200\n")
    #expect(world.registry.clientCount == 1)
    #expect(world.registry.identifier(of: world.connections[0].client) == Array("ann".utf8))
  }

  @Test("The credential of an open login is ignored (Open login)")
  func openCredential() throws {
    let world = World()
    #expect(try world.say(world.connect(), "LOGIN ann open whatever it is\n") == "200\n")
  }

  @Test("An unsupported scheme is answered 401 with the listener's schemes, and the connection closed (Login)")
  func unsupportedScheme() throws {
    let world = World()
    let all = world.connect(schemes: SchemeSet([.open, .secret, .cert]))
    #expect(try world.say(all, "LOGIN ann magic\nPING\n") == "401 cert secret open\n")
    #expect(world.connections[all].closed == .unauthorized)
    let one = world.connect(schemes: SchemeSet([.secret]))
    #expect(try world.say(one, "LOGIN ann open\n") == "401 secret\n")
  }

  @Test("Why a LOGIN is refused is known to the server alone")
  func refusals() throws {
    let world = World(secret: Array("s3cret".utf8))
    func refusal(_ text: String, _ schemes: SchemeSet) throws -> LoginRefusal? {
      let number = world.connect(schemes: schemes)
      _ = try world.say(number, text)
      return world.connections[number].session.refusal
    }
    let all = SchemeSet([.open, .secret, .cert])
    #expect(try refusal("LOGIN ann magic\n", all) == .scheme)
    #expect(try refusal("LOGIN ann open\n", SchemeSet([.secret])) == .scheme)
    #expect(try refusal("LOGIN ann secret wrong\n", all) == .secret)
    #expect(try refusal("LOGIN ann secret\n", all) == .secret)
    #expect(try refusal("LOGIN ann cert\n", all) == .noCertificate)
    #expect(try refusal("LOGIN ann secret s3cret\n", all) == nil)
    #expect(try refusal("PING\n", all) == nil)
  }

  @Test("Requests behind a LOGIN that failed are not served")
  func behindFailure() throws {
    let world = World()
    let bob = try world.login("bob")
    let ann = world.connect(schemes: SchemeSet([.cert]))
    #expect(world.send(ann, Array("LOGIN ann open\nUCAST bob hi\n".utf8)) == .ended)
    try world.settle()
    #expect(world.heard(ann) == "401 cert\n")
    #expect(world.heard(bob) == "")
  }

  @Test("Requests behind a LOGIN in the same segment are served in order")
  func behindSuccess() throws {
    let world = World()
    #expect(try world.say(world.connect(), "LOGIN ann open\nPING\nSUBSCRIBE t\nFOO\n") == "200\n000 . PONG\n200\n501\n")
  }

  @Test(
    "The secret scheme takes the secret and nothing else (Shared secret)",
    arguments: [("s3cret", true), ("s3cre", false), ("s3crets", false), ("S3cret", false), ("s3crets3cret", false)])
  func secret(_ credential: String, isRight: Bool) throws {
    let world = World(secret: Array("s3cret".utf8))
    let ann = world.connect(schemes: SchemeSet([.secret]))
    #expect(try world.say(ann, "LOGIN ann secret \(credential)\n") == (isRight ? "200\n" : "401 secret\n"))
  }

  @Test("The secret scheme fails without a credential, and where the server has no secret")
  func noSecret() throws {
    let world = World(secret: Array("s3cret".utf8))
    let schemes = SchemeSet([.secret])
    #expect(try world.say(world.connect(schemes: schemes), "LOGIN ann secret\n") == "401 secret\n")
    let other = World()
    #expect(try other.say(other.connect(schemes: schemes), "LOGIN ann secret x\n") == "401 secret\n")
  }

  @Test("Any first request but LOGIN is answered 400, and the connection closed (Login)")
  func loginExpected() throws {
    for request in ["PING", "CLOSE", "PONG", "SUBSCRIBE t", "UCAST a b", "BCAST x", "FOO"] {
      let world = World()
      let ann = world.connect()
      #expect(try world.say(ann, "\(request)\nLOGIN ann open\n") == "400\n")
      #expect(world.connections[ann].closed == .loginExpected)
      #expect(world.registry.clientCount == 0)
    }
  }

  @Test("A second LOGIN is answered 405, and the connection keeps its identity (Login)")
  func second() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "LOGIN bob open\nUCAST ann x\nUCAST bob x\n") == "405\n000 ann UCAST ann x\n200\n404\n")
  }

  @Test("Anonymous connections are many at a time (Anonymous connections)")
  func anonymous() throws {
    let world = World()
    let first = try world.login(".")
    let second = try world.login(".")
    #expect(world.registry.anonymousCount == 2)
    #expect(try world.say(first, "PING\n") == "000 . PONG\n")
    #expect(try world.say(second, "PING\n") == "000 . PONG\n")
  }

  @Test("Anonymous clients can neither subscribe nor broadcast: 405 (Topic subscriptions; Broadcast)")
  func anonymousRefused() throws {
    let world = World()
    let nobody = try world.login(".")
    let requests = "SUBSCRIBE t\nSUBSCRIBE t PRESENCE\nUNSUBSCRIBE t\nBCAST x\n"
    #expect(try world.say(nobody, requests) == "405\n405\n405\n405\n")
    #expect(world.registry.topicCount == 0)
  }

  @Test("Anonymous clients can publish, and cannot be reached (Anonymous connections)")
  func anonymousPublisher() throws {
    let world = World()
    let bob = try world.login("bob")
    try world.say(bob, "SUBSCRIBE t\n")
    let nobody = try world.login(".")
    #expect(try world.say(nobody, "MCAST t a\nUCAST bob b\nUCAST . c\n") == "200\n200\n404\n")
    #expect(world.heard(bob) == "000 . MCAST t a\n000 . UCAST bob b\n")
  }
}
