// PING, PONG, CLOSE, unknown verbs and errors.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Conversation")
struct ConversationTests {
  @Test("PING is answered by a PONG event of the anonymous identifier (Client-initiated)")
  func ping() throws {
    let world = World()
    #expect(try world.say(try world.login("ann"), "PING\nPING\n") == "000 . PONG\n000 . PONG\n")
  }

  @Test("PONG is not answered (Server-initiated)")
  func pong() throws {
    let world = World()
    #expect(try world.say(try world.login("ann"), "PONG\nPONG\n") == "")
  }

  @Test("CLOSE is answered 200 and closes; what follows is not served (Closing connections)")
  func close() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "CLOSE\nPING\n") == "200\n")
    #expect(world.connections[ann].closed == .closeRequest)
    #expect(world.registry.clientCount == 0)
  }

  @Test("An unknown verb is answered 501, and the connection stays open (Forward compatibility)")
  func unknown() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "FOO\nFOO bar\nFOO bar baz\nPING\n") == "501\n501\n501\n000 . PONG\n")
  }

  @Test("An error of the grammar is answered 400 and closes, after what came before was served (Invalid messages)")
  func invalid() throws {
    let world = World()
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    #expect(try world.say(ann, "UCAST bob x\nPING\nUCAST bob\nPING\n") == "200\n000 . PONG\n400\n")
    #expect(world.connections[ann].closed == .badRequest)
    #expect(world.heard(bob) == "000 ann UCAST bob x\n")
  }

  @Test("An error before any LOGIN is answered 400, too")
  func invalidFirst() throws {
    let world = World()
    let ann = world.connect()
    #expect(try world.say(ann, "login ann open\n") == "400\n")
    #expect(world.connections[ann].closed == .badRequest)
  }

  @Test("Part of a request is not answered; a malformed second LOGIN is an error, not a 405")
  func partsAndMalformed() throws {
    let world = World()
    let ann = world.connect()
    #expect(try world.say(ann, "LOGIN an") == "")
    #expect(try world.say(ann, "n open\nPIN") == "200\n")
    #expect(try world.say(ann, "G\nLOGIN ann\n") == "000 . PONG\n400\n")
  }

  @Test("In line mode the CR is not forwarded; strict listeners refuse it")
  func lineMode() throws {
    let world = World()
    let bob = try world.login("bob")
    #expect(try world.say(world.connect(), "LOGIN ann open\r\nUCAST bob x\r\nUCAST bob \r\n") == "200\n200\n400\n")
    #expect(world.heard(bob) == "000 ann UCAST bob x\n")
    #expect(try world.say(world.connect(strict: true), "LOGIN ann open\r\n") == "400\n")
  }

  @Test("More requests than a batch holds are all served")
  func manyRequests() throws {
    let world = World()
    let count = RequestBatch.limit * 2 + 1
    let answer = try world.say(try world.login("ann"), String(repeating: "FOO\n", count: count))
    #expect(answer == String(repeating: "501\n", count: count))
  }

  @Test("Requests and replies are counted by verb and code")
  func counts() throws {
    let world = World()
    try world.say(try world.login("ann"), "PING\nFOO\nUCAST ann x\n")
    let counts = world.registry.counts
    let requests = Verb.allCases.map { counts.requests[$0] }
    let replies = ReplyCode.allCases.map { counts.replies[$0] }
    #expect(requests == [1, 0, 1, 0, 0, 0, 1, 0, 0, 1])
    #expect(replies == [2, 0, 0, 0, 0, 0, 1])
    #expect(counts.events == 1)
  }

  @Test("A loop is woken once for what others put into its log, and never for its own")
  func wakes() throws {
    let world = World(loops: 2)
    let ann = try world.login("ann", loop: 0)
    _ = try world.login("bob", loop: 1)
    var batch = RequestBatch()
    let bytes = Array("UCAST bob x\n".utf8)
    var session = world.connections[ann].session
    batch.parse(bytes.span.bytes, from: 0, framing: &session.framing)
    let wakes = (0..<2).map { _ in
      _ = world.registry.serve(batch, bytes.span.bytes, from: world.connections[ann].client, session: &session)
      return world.registry.takeWakes()
    }
    #expect(wakes == [0b10, 0])
  }
}
