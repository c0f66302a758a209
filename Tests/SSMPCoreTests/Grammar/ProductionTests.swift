// Every production of the grammar, with its exact bounds.

import Testing

@testable import SSMPCore

@Suite("Parser, productions (Grammar)")
struct ProductionTests {
  @Test("LOGIN has an identifier, a scheme and perhaps a credential")
  func login() {
    #expect(parse("LOGIN ann open\n") == .complete(.login, ["ann", "open", ""]))
    #expect(parse("LOGIN ann secret pass word\n") == .complete(.login, ["ann", "secret", "pass word"]))
    #expect(parse("LOGIN ann my.scheme/2\n") == .complete(.login, ["ann", "my.scheme/2", ""]))
    for text in ["LOGIN\n", "LOGIN \n", "LOGIN ann\n", "LOGIN ann \n", "LOGIN ann open \n", "LOGIN  ann open\n"] {
      #expect(parse(text) == .invalid, "\(text)")
    }
  }

  @Test("CLOSE, PING and PONG stand alone", arguments: [Verb.close, .ping, .pong])
  func bare(_ verb: Verb) {
    #expect(parse("\(verb.name)\n") == .complete(verb, []))
    #expect(parse("\(verb.name) \n") == .invalid)
    #expect(parse("\(verb.name) x\n") == .invalid)
  }

  @Test("SUBSCRIBE has a topic and perhaps PRESENCE, and no other option")
  func subscribe() {
    #expect(parse("SUBSCRIBE t\n") == .complete(.subscribe, ["t"]))
    #expect(parse("SUBSCRIBE t PRESENCE\n") == .complete(.subscribe, ["t"], presence: true))
    for option in [" ", " PRESENC", " PRESENCES", " presence", " ABSENCE", "  PRESENCE", " PRESENCE "] {
      #expect(parse("SUBSCRIBE t\(option)\n") == .invalid, "\(option)")
    }
    #expect(parse("SUBSCRIBE\n") == .invalid)
  }

  @Test("UNSUBSCRIBE has a topic and nothing else")
  func unsubscribe() {
    #expect(parse("UNSUBSCRIBE t\n") == .complete(.unsubscribe, ["t"]))
    for text in ["UNSUBSCRIBE\n", "UNSUBSCRIBE \n", "UNSUBSCRIBE t \n", "UNSUBSCRIBE t PRESENCE\n"] {
      #expect(parse(text) == .invalid, "\(text)")
    }
  }

  @Test("UCAST and MCAST have an id and a payload", arguments: [Verb.ucast, .mcast])
  func idAndPayload(_ verb: Verb) {
    #expect(parse("\(verb.name) a  b \n") == .complete(verb, ["a"]))
    for rest in ["", " ", " a", " a ", "  a b"] { #expect(parse("\(verb.name)\(rest)\n") == .invalid, "\(rest)") }
  }

  @Test("BCAST has a payload")
  func broadcast() {
    #expect(parse("BCAST x y\n") == .complete(.bcast, []))
    #expect(parse("BCAST\n") == .invalid)
    #expect(parse("BCAST \n") == .invalid)
  }

  @Test("A verb has 1 to 16 upper-case letters")
  func verbBounds() {
    #expect(parse("Q\n") == .complete(.unknown, []))
    #expect(parse("\(times(16, "Q"))\n") == .complete(.unknown, []))
    #expect(firstBadByte(Array("\(times(17, "Q"))\n".utf8)) == 16)
    for text in ["\n", " PING\n", "ping\n", "PiNG\n", "PING1\n", "P_\n", "\0\n", "@\n", "[\n"] {
      #expect(parse(text) == .invalid, "\(text)")
    }
  }

  @Test("A known verb is known only in full: anything shorter or longer is another verb")
  func verbsInFull() {
    for verb in Verb.allCases where verb != .unknown {
      #expect(parse("X\(verb.name)\n") == .complete(.unknown, []))
      #expect(parse("\("\(verb.name)".dropLast())\n") == .complete(.unknown, []))
      #expect(parse("\(verb.name)X\n") == .complete(.unknown, []))
    }
  }

  @Test("An id has 1 to 64 characters wherever one stands")
  func idBounds() {
    for (before, after) in [
      ("LOGIN ", " open"), ("LOGIN a ", ""), ("LOGIN a ", " c"), ("SUBSCRIBE ", ""), ("SUBSCRIBE ", " PRESENCE"),
      ("UNSUBSCRIBE ", ""), ("UCAST ", " m"), ("MCAST ", " m"),
    ] {
      #expect(parse("\(before)\(after)\n") == .invalid)
      #expect(isComplete("\(before)i\(after)\n"))
      #expect(isComplete("\(before)\(times(64))\(after)\n"))
      #expect(firstBadByte(Array("\(before)\(times(65))\(after)\n".utf8)) == before.utf8.count + 64)
    }
  }

  @Test("ID is letters, digits and . : @ / _ - + = ~, and no other byte")
  func idCharacters() {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:@/_-+=~".utf8)
    for byte in UInt8.min ... .max {
      let bytes = Array("UNSUBSCRIBE a".utf8) + [byte, 10]
      let isEnd = byte == 10
      #expect((parse(bytes) != .invalid) == (allowed.contains(byte) || isEnd), "\(byte)")
    }
  }

  @Test("A text payload has 1 to 1,024 bytes of any value but LF")
  func textBounds() {
    for before in ["LOGIN a open ", "UCAST a ", "MCAST a ", "BCAST ", "FOO a! ", "FOO "] {
      let spent = before == "FOO a! " ? 3 : 0
      #expect(isComplete("\(before)x\n"))
      #expect(isComplete("\(before)\(times(1024 - spent))\n"))
      #expect(firstBadByte(Array("\(before)\(times(1025 - spent))\n".utf8)) == before.utf8.count + 1024 - spent)
    }
    for byte in UInt8.min ... .max where byte != 10 {
      #expect(parse(Array("BCAST x".utf8) + [byte, 10]) == .complete(.bcast, []), "\(byte)")
      if byte > 3 { #expect(parse(Array("BCAST ".utf8) + [byte, 10]) == .complete(.bcast, []), "\(byte)") }
    }
  }

  @Test("A binary payload has the length its first two bytes say, 1 to 1,024 (Binary payloads)")
  func binaryBounds() {
    for count in [1, 2, 255, 256, 257, 512, 768, 1023, 1024] {
      for filler: UInt8 in [0, 10, 13, 32, 255] {
        let bytes = Array("UCAST a ".utf8) + binary(Array(repeating: filler, count: count)) + [10]
        #expect(parse(bytes) == .complete(.ucast, ["a"]))
        #expect(firstBadByte(Array(bytes.dropLast()) + [65]) == bytes.count - 1)
      }
    }
    #expect(binary(Array(repeating: 0, count: 1)).prefix(2) == [0, 0])
    #expect(binary(Array(repeating: 0, count: 1024)).prefix(2) == [3, 255])
  }

  @Test("The example of the specification is a payload: 00 04 48 65 6C 6C 6F (Binary payloads)")
  func example() {
    let bytes = Array("BCAST ".utf8) + [0x00, 0x04, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x0a]
    #expect(parse(bytes) == .complete(.bcast, []))
  }

  @Test("Four is no first byte of a length: it begins a text")
  func firstByteOfText() {
    #expect(parse(Array("BCAST ".utf8) + [4, 10]) == .complete(.bcast, []))
    #expect(parse(Array("BCAST ".utf8) + [3, 10]) == .incomplete)
  }

  @Test("The longest request is as long as Bounds says")
  func longestRequest() {
    let payload = binary(Array(repeating: 10, count: 1024))
    let login = Array("LOGIN \(times(64)) \(times(64)) ".utf8) + payload + [10]
    let fields = [times(64), times(64), String(decoding: payload, as: UTF8.self)]
    #expect(parse(login) == .complete(.login, fields))
    #expect(login.count == Bounds.request)
    #expect(sampleRequests.allSatisfy { $0.count < Bounds.request })
    let forwarded = Array("\(times(16, "Q")) \(times(64)) ".utf8) + payload + [10]
    #expect(parse(forwarded) == .complete(.unknown, []))
    #expect("000 \(times(64)) ".utf8.count + forwarded.count == Bounds.event)
  }

  private func isComplete(_ text: String) -> Bool {
    if case .complete = parse(text) { return true }
    return false
  }
}
