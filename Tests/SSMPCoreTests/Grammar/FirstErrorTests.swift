// Errors are found at the first byte that no request can have there.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Parser, the first bad byte (Invalid messages)")
struct FirstErrorTests {
  /// Text in which `|` stands before the first bad byte.
  static let errors = [
    "|\n", "| PING\n", "|ping\n", "P|iNG\n", "\(times(16, "Q"))|Q\n", "PING| \n", "CLOSE|1\n", "PONG|\r\n", "LOGIN|\n",
    "LOGIN |\n", "LOGIN | a b\n", "LOGIN a|\n", "LOGIN a |\n", "LOGIN a b|!\n", "LOGIN a b |\n",
    "LOGIN \(times(64))|x b\n",
    "LOGIN a \(times(64))|x\n", "LOGIN a b \(times(1024))|x\n", "SUBSCRIBE|\n", "SUBSCRIBE |\n", "SUBSCRIBE a |\n",
    "SUBSCRIBE a P|X\n", "SUBSCRIBE a PRESENCE|S\n", "SUBSCRIBE a|\t\n", "UNSUBSCRIBE a| PRESENCE\n", "UCAST a|\n",
    "UCAST a |\n", "UCAST | a\n", "MCAST a|!\n", "MCAST t \(times(1024))|x\n", "BCAST|\n",
    "BCAST |\n", "BCAST \(times(1024))|x\n", "FOO|!\n", "FOO |\n", "FOO bar \(times(1024))|x\n",
    "FOO \(times(1024))|x\n", "FOO bar\u{1}\(times(1020))|x\n",
  ]

  @Test("Everything before the bad byte may still become a request; with it, nothing can", arguments: errors)
  func firstBadByte(_ marked: String) throws {
    let parts = marked.split(separator: "|", omittingEmptySubsequences: false).map { Array($0.utf8) }
    let good = try #require(parts.first)
    let bad = try #require(parts.last?.first)
    #expect(good.isEmpty || parse(good) == .incomplete)
    #expect(parse(good + [bad]) == .invalid)
    #expect(parse(good + parts[1]) == .invalid)
  }

  @Test("Behind a binary payload only LF may stand")
  func behindBinary() {
    for content in [[UInt8](repeating: 65, count: 1), Array(repeating: 10, count: 1024)] {
      let good = Array("BCAST ".utf8) + binary(content)
      #expect(parse(good) == .incomplete)
      for byte in UInt8.min ... .max where byte != 10 { #expect(parse(good + [byte]) == .invalid) }
    }
  }

  @Test("Whatever byte is changed in a request, the reference grammar finds the same first error")
  func everyByteChanged() {
    for request in sampleRequests where request.count < 60 {
      for place in request.indices {
        for byte: UInt8 in [0, 3, 4, 10, 13, 32, 33, 65, 97, 255] {
          var bytes = request
          bytes[place] = byte
          for count in 1...bytes.count {
            let prefix = Array(bytes.prefix(count))
            #expect(agrees(prefix, .exact), "\(prefix)")
          }
        }
      }
    }
  }
}

/// True when parser and reference grammar say the same.
func agrees(_ bytes: [UInt8], _ framing: Framing) -> Bool {
  let expected = ReferenceGrammar.outcome(of: bytes, framing: framing)
  switch RequestParser.parse(bytes.span.bytes, at: 0, framing: framing) {
  case .complete(let request): return expected == .complete(end: Int(request.end))
  case .incomplete: return expected == .incomplete
  case .invalid: return expected == .invalid
  }
}
