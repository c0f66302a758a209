// The rules of a conversation, the secret and the schemes.

import Testing

@testable import SSMPCore

@Suite("Session")
struct SessionTests {
  @Test("Before LOGIN everything else ends the connection with 400 (Login)")
  func awaitingLogin() {
    let session = Session(schemes: SchemeSet([.open]), strict: false)
    for verb in Verb.allCases {
      #expect(describe(session.verdict(on: verb)) == (verb == .login ? "serve" : "end 400 login-expected"))
    }
  }

  @Test("Logged in, LOGIN is 405, an unknown verb 501, and all else served")
  func loggedIn() {
    var session = Session(schemes: SchemeSet([.open]), strict: false)
    session.phase = .loggedIn
    for verb in Verb.allCases {
      let expected = verb == .login ? "refuse 405" : verb == .unknown ? "refuse 501" : "serve"
      #expect(describe(session.verdict(on: verb)) == expected)
    }
  }

  @Test("Anonymous clients may not SUBSCRIBE, UNSUBSCRIBE or BCAST: 405 (Anonymous connections)")
  func anonymous() {
    var session = Session(schemes: SchemeSet([.open]), strict: false)
    session.phase = .loggedIn
    session.isAnonymous = true
    let refused = Verb.allCases.filter { describe(session.verdict(on: $0)) == "refuse 405" }
    #expect(refused == [.login, .subscribe, .unsubscribe, .bcast])
  }

  @Test("Strict turns line mode off")
  func strict() {
    #expect(Session(schemes: [], strict: true).framing == .exact)
    #expect(Session(schemes: [], strict: false).framing == .undecided)
  }

  private func describe(_ verdict: Session.Verdict) -> String {
    switch verdict {
    case .serve: "serve"
    case .refuse(let code): "refuse \(code.digits)"
    case .end(let code, let reason): "end \(code.digits) \(reason.name)"
    }
  }
}

@Suite("Secret")
struct SecretTests {
  @Test("No way of printing shows the secret")
  func neverPrinted() {
    let secret = Secret(Array("s3cret".utf8))
    let rules = LoginRules(secret: secret)
    var dumped = ""
    dump(rules, to: &dumped)
    dump(secret, to: &dumped)
    let bytes = Array("s3cret".utf8).map { "\($0)" }.joined(separator: ", ")
    for shown in ["\(secret)", String(reflecting: secret), "\(rules)", String(reflecting: rules), dumped] {
      #expect(!shown.contains("s3cret") && !shown.contains(bytes), "\(shown)")
    }
    #expect("\(secret)" == "<secret>")
  }

  @Test("A secret matches itself, in place, and nothing else")
  func matches() {
    let secret = Secret([1, 2, 3])
    let bytes: [UInt8] = [1, 2, 3, 1, 2, 4, 1, 2, 3]
    let matching = (0..<bytes.count).flatMap { start in (start...bytes.count).map { start..<$0 } }
      .filter { secret.matches(bytes.span.bytes, $0) }
    #expect(matching == [0..<3, 6..<9])
  }

  @Test("An empty secret matches nothing, not even nothing")
  func empty() {
    let bytes: [UInt8] = [1]
    let matching = [0..<0, 0..<1].filter { Secret([]).matches(bytes.span.bytes, $0) }
    #expect(matching.isEmpty)
  }
}

@Suite("Schemes")
struct SchemeTests {
  @Test("A set offers exactly its schemes, and lists them in one order")
  func sets() {
    for raw in UInt8(0)..<8 {
      let set = SchemeSet(rawValue: raw)
      #expect(SchemeSet(set.schemes) == set)
      #expect(Scheme.allCases.allSatisfy { set.offers($0) == set.schemes.contains($0) })
    }
    #expect(SchemeSet([.open, .cert, .secret]).schemes == [.cert, .secret, .open])
  }

  @Test("A scheme is spelled exactly")
  func spelling() {
    for (text, scheme) in [
      ("cert", Scheme.cert), ("secret", .secret), ("open", .open), ("Open", nil), ("ope", nil), ("opens", nil),
      ("", nil),
    ] {
      let bytes = Array(text.utf8)
      let found = Scheme(bytes.span.bytes, 0..<bytes.count)
      #expect(found == scheme)
    }
  }
}

@Suite("Names")
struct StableNameTests {
  @Test("Close reasons and verbs have different names")
  func different() {
    #expect(Set(CloseReason.allCases.map { "\($0.name)" }).count == CloseReason.allCases.count)
    #expect(Set(Verb.allCases.map { "\($0.name)" }).count == Verb.allCases.count)
    for verb in Verb.allCases where verb != .unknown { #expect(verb.length == verb.name.utf8CodeUnitCount) }
  }

  @Test("The codes are those of the specification (Response codes; 409 by Subscribe)")
  func codes() {
    #expect(ReplyCode.allCases.map { "\($0.digits)" } == ["200", "400", "401", "404", "405", "409", "501"])
  }
}
