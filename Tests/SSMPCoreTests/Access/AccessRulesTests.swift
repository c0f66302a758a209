// Access rules, compiled.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Access rules")
struct AccessRulesTests {
  private static let single: [AccessRights] = [.publish, .subscribe, .presence, .unicast, .broadcast]

  private func allows(_ rules: AccessRules, _ rights: AccessRights, _ identity: [UInt8], _ target: [UInt8]) -> Bool {
    // Names do not stand alone where they are looked at.
    let padded = Array("x".utf8) + target + Array("/y".utf8)
    let role = rules.role(of: identity.span.bytes, 0..<identity.count)
    return rules.allows(rights, role, named: identity.span.bytes, over: padded.span.bytes, 1..<1 + target.count)
  }

  private func allows(_ rules: AccessRules, _ rights: AccessRights, _ identity: String, _ target: String) -> Bool {
    allows(rules, rights, Array(identity.utf8), Array(target.utf8))
  }

  private func login(_ rules: AccessRules, _ identity: String, _ scheme: Scheme) -> Bool {
    let bytes = Array(identity.utf8)
    return rules.allowsLogin(rules.role(of: bytes.span.bytes, 0..<bytes.count), by: scheme)
  }

  @Test("Without a rule nothing is allowed to anybody")
  func nothing() {
    let none = AccessRules([])
    for identity in ["a", "a/b", "."] {
      for right in Self.single { #expect(!allows(none, right, identity, "t")) }
      for scheme in Scheme.allCases { #expect(!login(none, identity, scheme)) }
    }
  }

  @Test("An exact name is that name alone, a prefix is all that begin with it, * is everybody with a name")
  func identities() {
    let all = AccessRules(rules("hub publish exact", "cam/ publish prefix", "* publish any", ". publish none"))
    func reached(_ identity: String) -> [String] {
      ["exact", "prefix", "any", "none"].filter { allows(all, .publish, identity, $0) }
    }
    #expect(reached("hub") == ["exact", "any"])
    #expect(reached("hub/1") == ["any"])
    #expect(reached("hu") == ["any"])
    #expect(reached("cam") == ["any"])
    #expect(reached("cam/") == ["prefix", "any"])
    #expect(reached("cam/1/2") == ["prefix", "any"])
    #expect(reached("Cam/1") == ["any"])
    #expect(reached(".") == ["none"])
    #expect(reached("./a") == ["any"])
  }

  @Test("What is allowed to a prefix is allowed to the names below it that have rules of their own, too")
  func inherited() {
    let all = AccessRules(
      rules("cam/ publish a", "cam/1/ publish b", "cam/1/x publish c", "* subscribe d", "cam/1/x login open"))
    #expect(["a", "b", "c"].allSatisfy { allows(all, .publish, "cam/1/x", $0) })
    #expect(allows(all, .subscribe, "cam/1/x", "d"))
    #expect(!allows(all, .publish, "cam/1/y", "c"))
    #expect(!allows(all, .publish, "cam/2", "b"))
    #expect(login(all, "cam/1/x", .open) && !login(all, "cam/1/y", .open))
  }

  @Test("Targets are exact, a prefix, * or made of the client's own name")
  func targets() {
    let all = AccessRules(
      rules("a publish one two/ %i self/%i own/%i/ %i/x pre-%i-post", "b publish *", "cam/7 publish status/%i/"))
    func may(_ target: String) -> Bool { allows(all, .publish, "a", target) }
    for target in ["one", "two/", "two/x", "two/x/y", "a", "self/a", "own/a/", "own/a/x", "a/x", "pre-a-post"] {
      #expect(may(target), "\(target)")
    }
    for target in [
      "on", "one/", "onex", "two", "twox", "self/", "self/b", "self/a/", "self/ab", "own/a", "own/b/x", "a/", "a/xy",
      "pre-b-post", "pre-a-pos", "b", "%i", "*",
    ] {
      #expect(!may(target), "\(target)")
    }
    #expect(allows(all, .publish, "b", "anything") && allows(all, .publish, "b", "."))
    #expect(allows(all, .publish, "cam/7", "status/cam/7/x") && !allows(all, .publish, "cam/7", "status/cam/8/x"))
  }

  @Test("Several rights over one target may come from several rules")
  func combined() {
    let all = AccessRules(rules("a subscribe t u/", "* presence t", "b/ subscribe,presence %i", "b/1 presence *"))
    #expect(allows(all, [.subscribe, .presence], "a", "t"))
    #expect(!allows(all, [.subscribe, .presence], "a", "u/1") && allows(all, .subscribe, "a", "u/1"))
    #expect(allows(all, [.subscribe, .presence], "b/1", "b/1") && allows(all, [.subscribe, .presence], "b/2", "b/2"))
    #expect(!allows(all, [.subscribe, .presence], "b/1", "b/2") && allows(all, .presence, "b/1", "b/2"))
    #expect(!allows(all, .publish, "a", "t"))
  }

  @Test("A login is allowed by the schemes that its rules name, together")
  func schemes() {
    let all = AccessRules(rules("* login open", "cam/ login cert secret", "hub login", ". login secret"))
    func by(_ identity: String) -> [Scheme] { Scheme.allCases.filter { login(all, identity, $0) } }
    #expect(by("x") == [.open])
    #expect(by("cam/1") == [.cert, .secret, .open])
    #expect(by("hub") == [.cert, .secret, .open])
    #expect(by(".") == [.secret])
  }

  @Test(
    "A pattern that no name could match is none",
    arguments: ["", "a*", "**", "a b", "%", "%j", "%i%i", "ä", "#", "a,b"])
  func badPatterns(word: String) {
    #expect(AccessPattern(Array(word.utf8)) == nil)
  }

  @Test("Patterns are as long as names can be")
  func longPatterns() {
    let name = String(repeating: "n", count: 64)
    #expect(AccessPattern(Array(name.utf8)) == .name(Array(name.utf8)))
    #expect(AccessPattern(Array((name + "n").utf8)) == nil)
    let most = String(repeating: "n", count: 63)
    #expect(AccessPattern(Array((most + "%i").utf8)) == .own(before: Array(most.utf8), after: []))
    #expect(AccessPattern(Array((most + "%in").utf8)) == nil)
    let prefix = String(repeating: "n", count: 63) + "/"
    let all = AccessRules(rules("\(name) publish \(prefix)", "a publish \(most)%i"))
    #expect(allows(all, .publish, name, prefix) && !allows(all, .publish, name, name))
    #expect(allows(all, .publish, "a", most + "a") && !allows(all, .publish, "a", most + "b"))
  }
}

@Suite("Access rules against their meaning")
struct AccessRulesPropertyTests {
  private static let rights: [AccessRights] = [.publish, .subscribe, .presence, .unicast]

  /// A short name of few letters and many slashes, so that names meet patterns; now and then as long as can be.
  private func name(_ chance: inout Chance) -> [UInt8] {
    let alphabet = Array("ab//.".utf8)
    let count = chance.below(20) == 0 ? 58 + chance.below(7) : 1 + chance.below(7)
    return (0..<count).map { _ in alphabet[chance.below(alphabet.count)] }
  }

  private func pattern(_ chance: inout Chance, isTarget: Bool) -> AccessPattern {
    switch chance.below(8) {
    case 0: return .any
    case 1 where isTarget, 2 where isTarget:
      let before = chance.below(2) == 0 ? [] : name(&chance).prefix(8)
      let after = chance.below(2) == 0 ? [] : name(&chance).prefix(8)
      return .own(before: Array(before), after: Array(after))
    case 3: return .name(Array(".".utf8))
    case 4, 5: return .name(Array(name(&chance).prefix(63)) + Array("/".utf8))
    default: return .name(name(&chance))
    }
  }

  private func rule(_ chance: inout Chance) -> AccessRule {
    let identity = pattern(&chance, isTarget: false)
    if chance.below(5) == 0 { return AccessRule(identity, .login(SchemeSet(rawValue: UInt8(chance.below(8))))) }
    if chance.below(9) == 0 { return AccessRule(identity, .use(.broadcast, [.any])) }
    let rights = AccessRights(rawValue: UInt8(1 + chance.below(15)))
    return AccessRule(identity, .use(rights, (0...chance.below(4)).map { _ in pattern(&chance, isTarget: true) }))
  }

  @Test("Compiled rules say of every name what the rules mean", arguments: 0..<60 as Range<UInt64>)
  func compiled(seed: UInt64) {
    var chance = Chance(seed: seed)
    let all = (0..<[1, 2, 4, 10, 40, 400][Int(seed % 6)]).map { _ in rule(&chance) }
    let compiled = AccessRules(all)
    let meaning = ReferenceRules(rules: all)
    var answers = (yes: 0, no: 0)
    for _ in 0..<300 {
      let identity = chance.below(8) == 0 ? Array(".".utf8) : name(&chance)
      let role = compiled.role(of: identity.span.bytes, 0..<identity.count)
      for scheme in Scheme.allCases {
        #expect(compiled.allowsLogin(role, by: scheme) == meaning.allowsLogin(identity, by: scheme))
      }
      #expect(
        compiled.allowsEverywhere(.broadcast, role) == meaning.allows(.broadcast, identity, over: Array("t".utf8)))
      for _ in 0..<4 {
        let target = chance.below(4) == 0 ? Array((identity + name(&chance)).prefix(64)) : name(&chance)
        var allowed: AccessRights = []
        for right in Self.rights where meaning.allows(right, identity, over: target) { allowed.formUnion(right) }
        for bits in 1..<16 as Range<UInt8> {
          let wanted = AccessRights(rawValue: bits)
          let isAllowed = compiled.allows(
            wanted, role, named: identity.span.bytes, over: target.span.bytes, 0..<target.count)
          if isAllowed { answers.yes += 1 } else { answers.no += 1 }
          #expect(
            isAllowed == allowed.isSuperset(of: wanted),
            "\(String(decoding: identity, as: UTF8.self)) over \(String(decoding: target, as: UTF8.self))")
        }
      }
    }
    // With one or two rules there may be nobody whom they are about.
    #expect(answers.no > 0 || all.count > 100)
    #expect(answers.yes > 0 || all.count < 10)
  }
}
