// Requests with an unknown verb: where they end.

import Testing

@testable import SSMPCore

@Suite("Parser, compat (Forward compatibility)")
struct CompatTests {
  @Test(
    "Whatever matches compat in any way is a request",
    arguments: [
      "FOO", "FOO bar", "FOO bar baz", "FOO bar ", "FOO  ", "FOO  bar", "FOO bar  baz", "FOO bar!", "FOO !", "FOO \r",
      "FOO bar\r", "FOO \(times(64)) \(times(1024))", "FOO \(times(65)) x", "FOO \(times(1024))", "LOGI a b",
      "SUBSCRIBES t",
    ])
  func text(_ line: String) {
    #expect(parse(line + "\n") == .complete(.unknown, []))
  }

  @Test("Nothing behind the verb's space is an error, and so is a byte that ends the verb")
  func errors() {
    for line in ["FOO ", "FOO\t", "FOO1", "FOO\r"] { #expect(parse(line + "\n") == .invalid) }
  }

  @Test("A binary payload behind an id that is followed by a space holds LFs")
  func binaryBehindID() {
    #expect(parse(Array("FOO bar ".utf8) + [0, 2, 10, 10, 10, 10]) == .complete(.unknown, []))
  }

  @Test("A binary payload directly behind the verb holds spaces and LFs")
  func binaryBehindVerb() {
    #expect(parse(Array("FOO ".utf8) + [0, 2, 32, 10, 10, 10]) == .complete(.unknown, []))
  }

  @Test("Where id and binary payload do not match, the whole rest is a text payload")
  func fallback() {
    let bytes = Array("FOO bar ".utf8) + [0, 1, 65]
    #expect(parse(bytes + [66, 67, 10]) == .complete(.unknown, []))
    #expect(parse(bytes + [66, 10]) == .complete(.unknown, []))
    // The text ends at its first LF, although the binary reading looked behind it.
    #expect(parse(Array("FOO bar ".utf8) + [0, 3, 10, 66, 67, 68, 69, 10]) == .completeEarly(.unknown, end: 11))
  }

  @Test("The fallback may be too long for a text payload")
  func fallbackTooLong() {
    let bytes = Array("FOO bar ".utf8) + binary(Array(repeating: 65, count: 1024))
    #expect(parse(bytes) == .incomplete)
    #expect(parse(bytes + [66]) == .invalid)
    #expect(parse(bytes + [10]) == .complete(.unknown, []))
  }

  @Test("An id of 65 characters is none: what looks like a binary payload behind it is text")
  func noID() {
    #expect(parse(Array("FOO \(times(65)) ".utf8) + [0, 9, 10]) == .complete(.unknown, []))
    #expect(parse(Array("FOO \(times(64)) ".utf8) + [0, 9, 10]) == .incomplete)
  }

  @Test("A known verb is never read as compat: missing, empty and extra fields are errors")
  func knownVerbs() {
    for line in ["LOGIN", "CLOSE now", "PING a", "SUBSCRIBE a b", "UNSUBSCRIBE a b", "UCAST a", "MCAST a", "BCAST"] {
      #expect(parse(line + "\n") == .invalid, "\(line)")
    }
  }
}
