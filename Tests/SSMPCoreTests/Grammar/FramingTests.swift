// CR before LF, and line mode.

import Testing

@testable import SSMPCore

@Suite("Parser, framing")
struct FramingTests {
  @Test("Exact: a CR is data in a payload and an error anywhere else")
  func exact() {
    #expect(parse("LOGIN a open\r\n", .exact) == .invalid)
    #expect(parse("LOGIN a secret s\r\n", .exact) == .complete(.login, ["a", "secret", "s\r"]))
    #expect(parse("UCAST a \r\n", .exact) == .complete(.ucast, ["a"]))
    #expect(parse("PING\r\n", .exact) == .invalid)
    #expect(parse("SUBSCRIBE t PRESENCE\r\n", .exact) == .invalid)
  }

  @Test("One CR before the LF that ends a text message is dropped", arguments: [Framing.undecided, .line])
  func dropped(_ framing: Framing) {
    #expect(parse("LOGIN a open\r\n", framing) == .complete(.login, ["a", "open", ""]))
    #expect(parse("LOGIN a secret s\r\r\n", framing) == .complete(.login, ["a", "secret", "s\r"]))
    for line in [
      "PING", "CLOSE", "PONG", "SUBSCRIBE t", "SUBSCRIBE t PRESENCE", "UNSUBSCRIBE t", "FOO", "FOO a", "FOO a ",
    ] {
      #expect(ends(line + "\r\n", framing, inCRLF: true), "\(line)")
      #expect(ends(line + "\n", framing, inCRLF: false), "\(line)")
    }
    #expect(parse("UCAST a \r\n", framing) == .invalid)
    #expect(parse("LOGIN a open \r\n", framing) == .invalid)
    #expect(parse("FOO \r\n", framing) == .invalid)
    #expect(parse("PING\r\r\n", framing) == .invalid)
    #expect(parse("PING\rX", framing) == .invalid)
    #expect(parse("SUBSCRIBE t \r\n", framing) == .invalid)
  }

  @Test("A CR does not count against the length of a text payload, and only as the last byte")
  func longest() {
    #expect(ends("BCAST \(times(1024))\r\n", .line, inCRLF: true))
    #expect(parse("BCAST \(times(1024))\r", .line) == .incomplete)
    #expect(parse("BCAST \(times(1024))\rx", .line) == .invalid)
    #expect(parse("BCAST \(times(1024))\r\r", .line) == .invalid)
    #expect(parse("BCAST \(times(1023))\r\r\n", .line) != .invalid)
    #expect(parse("BCAST \(times(1024))\r\n", .exact) == .invalid)
  }

  @Test("No CR is dropped behind a binary payload", arguments: [Framing.undecided, .line, .exact])
  func binaryPayload(_ framing: Framing) {
    let bytes = Array("UCAST a ".utf8) + binary([65, 13])
    #expect(parse(bytes + [10], framing) == .complete(.ucast, ["a"]))
    #expect(parse(bytes + [13], framing) == .invalid)
  }

  @Test("The first request decides: line mode when it ends in CR LF, exact when it does not")
  func decided() {
    #expect(framing(after: "LOGIN a open\r\nPING\r\n") == .line)
    #expect(framing(after: "LOGIN a open\nPING\n") == .exact)
    #expect(framing(after: "LOGIN a open\r") == .undecided)
    #expect(framing(after: "LOGIN a open\r\n", .exact) == .exact)
  }

  @Test("Behind a LOGIN with CR LF, a message with LF alone is as good")
  func mixed() {
    var batch = RequestBatch()
    var framing = Framing.undecided
    let bytes = Array("LOGIN a open\r\nPING\nBCAST x\r\r\n".utf8)
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    let count = batch.count
    #expect(count == 3)
    let line = batch[2].line
    #expect(String(decoding: bytes[line], as: UTF8.self) == "BCAST x\r")
  }

  private func framing(after text: String, _ start: Framing = .undecided) -> Framing {
    var batch = RequestBatch()
    var framing = start
    batch.parse(Array(text.utf8).span.bytes, from: 0, framing: &framing)
    return framing
  }

  private func ends(_ text: String, _ framing: Framing, inCRLF: Bool) -> Bool {
    let bytes = Array(text.utf8)
    guard case .complete(let request) = RequestParser.parse(bytes.span.bytes, at: 0, framing: framing) else {
      return false
    }
    return Int(request.end) == bytes.count && request.endsInCRLF == inCRLF
      && request.line == 0..<bytes.count - (inCRLF ? 2 : 1)
  }
}
