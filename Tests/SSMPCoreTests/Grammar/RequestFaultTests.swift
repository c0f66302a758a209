// What the log says of requests that break the grammar.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Faults of requests")
struct RequestFaultTests {
  private func find(_ bytes: [UInt8], _ framing: Framing = .exact) -> RequestFault? {
    RequestFault(bytes.span.bytes, at: 0, framing: framing)
  }

  @Test("The place of a fault is that of the first bad byte, whatever follows", arguments: FirstErrorTests.errors)
  func place(_ marked: String) throws {
    let parts = marked.split(separator: "|", omittingEmptySubsequences: false).map { Array($0.utf8) }
    let fault = try #require(find(parts[0] + parts[1] + Array("PING\n".utf8)))
    #expect(fault.place == parts[0].count && fault.byte == parts[1].first)
  }

  @Test(
    "A fault names the verb, and what would be accepted in the place of the byte",
    arguments: [
      ("|\n", nil, .verb), ("|ping\n", nil, .verb), ("P|iNG\n", .unknown, .lineEndOrSpace),
      ("QQQQQQQQQQQQQQQQ|Q\n", .unknown, .shorterVerb), ("FOO|!\n", .unknown, .lineEndOrSpace),
      ("FOO |\n", .unknown, .payload), ("PING| \n", .ping, .lineEnd), ("CLOSE|1\n", .close, .lineEnd),
      ("PONG|\r\n", .pong, .lineEnd), ("LOGIN|\n", .login, .space), ("LOGIN |\n", .login, .identifier),
      ("LOGIN | a b\n", .login, .identifier), ("LOGIN a|\n", .login, .scheme), ("LOGIN a |\n", .login, .identifier),
      ("LOGIN a b|!\n", .login, .identifier), ("LOGIN a b |\n", .login, .payload),
      ("LOGIN a b \(times(1024))|x\n", .login, .shorterPayload),
      ("LOGIN \(times(64))|x b\n", .login, .shorterIdentifier),
      ("SUBSCRIBE|\n", .subscribe, .space), ("SUBSCRIBE a |\n", .subscribe, .presence),
      ("SUBSCRIBE a P|X\n", .subscribe, .presence), ("SUBSCRIBE a PRESENCE|S\n", .subscribe, .lineEnd),
      ("SUBSCRIBE a|!\n", .subscribe, .identifier), ("UNSUBSCRIBE a| PRESENCE\n", .unsubscribe, .identifier),
      ("UCAST|\n", .ucast, .space), ("UCAST a|\n", .ucast, .payload), ("UCAST a |\n", .ucast, .payload),
      ("UCAST | a\n", .ucast, .identifier), ("MCAST a|!\n", .mcast, .identifier),
      ("MCAST t \(times(1024))|x\n", .mcast, .shorterPayload), ("BCAST|\n", .bcast, .space),
      ("BCAST |\n", .bcast, .payload), ("BCAST \(times(1024))|x\n", .bcast, .shorterPayload),
      ("BCAST \u{0}\u{0}A|B", .bcast, .binaryEnd), ("UCAST a \u{0}\u{1}\n\n|x", .ucast, .binaryEnd),
    ] as [(String, Verb?, RequestFault.Expectation)])
  func expectations(marked: String, verb: Verb?, expected: RequestFault.Expectation) throws {
    let bytes = Array(marked.replacing("|", with: "").utf8)
    let fault = try #require(find(bytes))
    #expect(fault.verb == verb)
    #expect(fault.expected == expected)
  }

  @Test("In line mode a CR is no fault where it ends a line")
  func lineMode() throws {
    #expect(find(Array("PING\r\n".utf8), .line) == nil)
    #expect(find(Array("PING\r\n".utf8), .exact)?.place == 4)
    #expect(find(Array("PING\rx".utf8), .line)?.place == 5)
  }

  @Test(
    "Whatever byte is changed in a request, there is a fault exactly where the parser finds none but invalid requests")
  func everyByteChanged() {
    for request in sampleRequests where request.count < 60 {
      for place in request.indices {
        for byte: UInt8 in [0, 3, 4, 10, 13, 32, 33, 65, 97, 255] {
          var bytes = request
          bytes[place] = byte
          for framing in [Framing.exact, .line] {
            #expect(find(bytes, framing)?.place == firstBadByte(bytes, framing), "\(bytes)")
          }
        }
      }
    }
  }
}
