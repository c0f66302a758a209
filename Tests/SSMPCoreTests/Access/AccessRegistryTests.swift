// What the registry does with access rules.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Access rules in the registry")
struct AccessRegistryTests {
  private func world(loops: Int = 1, _ lines: [AccessRule]) -> World {
    let world = World(loops: loops, secret: Array("sesame".utf8))
    world.replaceAccess(AccessRules(lines + rules("* login", ". login")))
    return world
  }

  @Test(
    "Each right allows its request over an exact name, a prefix and the client's own name, and nothing else",
    arguments: ["publish", "subscribe", "subscribe,presence", "unicast"], ["exact", "below/", "%i", "own/%i/"])
  func rights(right: String, target: String) throws {
    let world = world(rules("cam/7 \(right) \(target)"))
    let cam = try world.login("cam/7")
    let names = ["exact", "below/x", "own/cam/7/x", "elsewhere", "exact/x", "below", "own/cam/8/x"]
    for name in names { _ = try world.login(name) }
    for name in ["cam/7"] + names {
      let isMeant =
        switch target {
        case "exact": name == "exact"
        case "below/": name == "below/x"
        case "%i": name == "cam/7"
        default: name == "own/cam/7/x"
        }
      func answer(_ isAllowed: Bool) -> String { isMeant && isAllowed ? "200\n" : "405\n" }
      #expect(try world.say(cam, "MCAST \(name) x\n") == answer(right == "publish"))
      let subscribes = right.hasPrefix("subscribe")
      #expect(try world.say(cam, "SUBSCRIBE \(name) PRESENCE\n") == answer(right == "subscribe,presence"))
      if isMeant, right == "subscribe,presence" { #expect(try world.say(cam, "UNSUBSCRIBE \(name)\n") == "200\n") }
      #expect(try world.say(cam, "SUBSCRIBE \(name)\n") == answer(subscribes))
      let answers = try world.say(cam, "UCAST \(name) x\n")
      #expect(answers.split(separator: "\n").contains(right == "unicast" && isMeant ? "200" : "405"))
    }
    #expect(try world.say(cam, "BCAST x\nPING\n") == "405\n000 . PONG\n")
  }

  @Test("Presence alone allows no subscription, and a subscription no presence")
  func presenceNeedsBoth() throws {
    let world = world(rules("* subscribe t", "ann presence u", "ann presence t"))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    #expect(try world.say(ann, "SUBSCRIBE u PRESENCE\nSUBSCRIBE u\nSUBSCRIBE t PRESENCE\n") == "405\n405\n200\n")
    #expect(try world.say(bob, "SUBSCRIBE t PRESENCE\nSUBSCRIBE t\n") == "405\n200\n")
    #expect(world.heard(ann) == "000 bob SUBSCRIBE t\n")
    #expect(world.registry.topicCount == 1)
  }

  @Test("A refused request reaches nobody, and leaves nothing behind")
  func noTrace() throws {
    let world = world(rules("ann subscribe,presence *", "bob publish allowed"))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    try world.say(ann, "SUBSCRIBE t PRESENCE\nSUBSCRIBE allowed\n")
    #expect(
      try world.say(bob, "MCAST allowed 1\nMCAST t x\nMCAST allowed 2\nUCAST ann x\nBCAST x\nSUBSCRIBE t\n")
        == "200\n405\n200\n405\n405\n405\n")
    #expect(world.heard(ann) == "000 bob MCAST allowed 1\n000 bob MCAST allowed 2\n")
    #expect(world.registry.counts.accessRefused == 4)
    #expect(world.registry.topicCount == 2 && world.registry.subscriptionCount == 2)
  }

  @Test(
    "Each refusal is told once, with who asked for what; of very many the last ones, and how many there were before")
  func refusal() throws {
    let world = world(rules("ann publish t"))
    let ann = try world.login("ann")
    try world.say(ann, "MCAST \(String(repeating: "t", count: 64)) x\n")
    func told() -> [String] {
      let (refusals, lost) = world.registry.takeRefusals()
      #expect(lost == 0 && refusals.count == 1 && refusals.first?.reason == .access)
      return refusals.flatMap { refusal in
        [refusal.verb.name.description]
          + [refusal.identity, refusal.target].map { String(decoding: $0, as: UTF8.self) }
      }
    }
    #expect(told() == ["MCAST", "ann", String(repeating: "t", count: 64)])
    try world.say(ann, "BCAST x\n")
    #expect(told() == ["BCAST", "ann", ""])
    world.replaceAccess(AccessRules(rules("ann login cert")))
    try world.say(world.connect(), "LOGIN ann open\n")
    #expect(told() == ["LOGIN", "ann", "open"])
    #expect(world.registry.takeRefusals().refusals.isEmpty)
    world.replaceAccess(AccessRules(rules("ann login")))
    let again = try world.login("ann")
    for number in 0..<300 { try world.say(again, "MCAST t\(number) x\n") }
    let (last, lost) = world.registry.takeRefusals()
    #expect(lost == 44 && last.map { String(decoding: $0.target, as: UTF8.self) } == (44..<300).map { "t\($0)" })
  }

  @Test("A SUBSCRIBE beyond the limit is told as such")
  func limitRefusal() throws {
    let world = World(limits: RegistryLimits(subscriptions: 1))
    let ann = try world.login("ann")
    #expect(try world.say(ann, "SUBSCRIBE a\nSUBSCRIBE b PRESENCE\n") == "200\n405\n")
    let refusals = world.registry.takeRefusals().refusals
    #expect(refusals.count == 1 && refusals[0].reason == .subscriptionLimit && refusals[0].verb == .subscribe)
    #expect(refusals[0].identity == Array("ann".utf8) && refusals[0].target == Array("b".utf8))
  }

  @Test("UCAST to whom it is not allowed is answered 405 whether there is somebody or not")
  func noProbing() throws {
    let world = world(rules("ann unicast bob cat"))
    let ann = try world.login("ann")
    _ = try world.login("bob")
    _ = try world.login("dan")
    #expect(try world.say(ann, "UCAST bob x\nUCAST cat x\nUCAST dan x\nUCAST eve x\n") == "200\n404\n405\n405\n")
  }

  @Test("A refused UCAST does not wait for a recipient that cannot keep up, which would tell that it is there")
  func noProbingByWaiting() throws {
    let world = world(rules("ann unicast bob", "dan subscribe *"))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    let dan = try world.login("dan")
    try world.say(dan, "SUBSCRIBE u\n")
    world.setCongested(dan, true)
    world.setCongested(bob, true)
    #expect(try world.say(ann, "UCAST dan x\nMCAST u x\nSUBSCRIBE u\nBCAST x\n") == "405\n405\n405\n405\n")
    #expect(!world.connections[ann].isHeld)
    #expect(try world.say(ann, "UCAST bob x\n") == "")
    #expect(world.connections[ann].isHeld)
  }

  @Test("UNSUBSCRIBE needs no right; a topic that one may not subscribe to is 405 before it is 409")
  func unsubscribe() throws {
    let world = world(rules("ann subscribe t"))
    let ann = try world.login("ann")
    try world.say(ann, "SUBSCRIBE t\n")
    #expect(try world.say(ann, "SUBSCRIBE t\nSUBSCRIBE t PRESENCE\nUNSUBSCRIBE u\n") == "409\n405\n404\n")
    #expect(try world.say(ann, "UNSUBSCRIBE t\n") == "200\n")
  }

  @Test("BCAST needs its own right, and reaches those with whom topics are shared")
  func broadcast() throws {
    let world = world(rules("* subscribe t", "ann broadcast"))
    let ann = try world.login("ann")
    let bob = try world.login("bob")
    for number in [ann, bob] { try world.say(number, "SUBSCRIBE t\n") }
    #expect(try world.say(ann, "BCAST x\nBCAST y\n") == "200\n200\n")
    #expect(world.heard(bob) == "000 ann BCAST x\n000 ann BCAST y\n")
    #expect(try world.say(bob, "BCAST x\n") == "405\n")
  }

  @Test("Who has no name is allowed what the rules of . say, and never what anonymous connections may not")
  func anonymous() throws {
    let world = world(rules(". publish t", "* publish u", ". unicast ann", "* broadcast"))
    _ = try world.login("ann")
    let nobody = try world.login(".")
    #expect(
      try world.say(nobody, "MCAST t x\nMCAST u x\nUCAST ann x\nUCAST . x\nSUBSCRIBE t\nUNSUBSCRIBE t\nBCAST x\n")
        == "200\n405\n200\n405\n405\n405\n405\n")
  }

  @Test("A LOGIN that is not allowed is answered 401 with the schemes of the listener, and displaces nobody")
  func login() throws {
    let world = World(secret: Array("sesame".utf8))
    world.replaceAccess(AccessRules(rules("ann login secret")))
    let schemes = SchemeSet([.secret, .open])
    let ann = world.connect(schemes: schemes)
    #expect(try world.say(ann, "LOGIN ann secret sesame\n") == "200\n")
    for words in ["LOGIN ann open", "LOGIN bob secret sesame", "LOGIN . secret sesame", "LOGIN . open"] {
      let other = world.connect(schemes: schemes)
      #expect(try world.say(other, "\(words)\nPING\n") == "401 secret open\n")
      #expect(world.connections[other].closed == .unauthorized)
    }
    #expect(try world.say(ann, "PING\n") == "000 . PONG\n")
    #expect(world.registry.clientCount == 1 && world.registry.counts.accessRefused == 4)
  }

  @Test("Without rules everything is allowed, and it is again when they are taken away")
  func none() throws {
    let world = World()
    let ann = try world.login("ann")
    #expect(try world.say(ann, "MCAST t x\nSUBSCRIBE t PRESENCE\nBCAST x\n") == "200\n200\n200\n")
    world.replaceAccess(AccessRules(rules("ann login")))
    #expect(try world.say(ann, "MCAST t x\n") == "405\n")
    world.replaceAccess(nil)
    #expect(try world.say(ann, "MCAST t x\nSUBSCRIBE u\n") == "200\n200\n")
    try world.recheck()
    #expect(world.connections[ann].closed == nil)
  }
}
