// Where what the server sends may be cut.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Whole messages")
struct ServerMessagesTests {
  private func cut(_ bytes: [UInt8], _ limit: Int) -> Int {
    ServerMessages.wholeMessages(bytes.span.bytes, limit: limit)
  }

  @Test("What fits is not cut")
  func fits() {
    #expect(cut([], 10) == 0)
    #expect(cut(Array("200\n".utf8), 4) == 4)
    #expect(cut(Array("000 a".utf8), 5) == 5)
  }

  @Test("Of a stream of messages as many are taken as fit as a whole, at every limit")
  func wholeMessages() {
    let payload = binary(Array(0...255) + Array("\n000 a".utf8))
    let messages: [[UInt8]] = [
      Array("200\n".utf8), Array("000 ann MCAST t hello\n".utf8), Array("401 cert open\n".utf8),
      Array("000 ann UCAST b 000 \n".utf8), Array("000 . PING\n".utf8), Array("000 ann BCAST ".utf8) + payload + [10],
    ]
    let stream = Array((messages + messages).joined())
    var ends = [0]
    for message in messages + messages { ends.append(ends[ends.count - 1] + message.count) }
    for limit in 4..<stream.count {
      let length = cut(stream, limit)
      #expect(length > 0 && length <= limit)
      // A payload that looks like a message may be cut, but not just before its end.
      let next = ends.first { $0 >= length } ?? 0
      #expect(length == ends.last { $0 <= limit } || next - length >= 4)
    }
  }

  @Test("A message that is longer than the limit is cut at the limit")
  func tooLong() {
    let text = Array("000 ann MCAST t \(times(1024))\n".utf8)
    #expect(cut(text + text, 500) == 500)
  }

  @Test("The longest event is found behind another one within a record's limit")
  func longest() {
    let event = Array("000 \(times(64)) MCAST \(times(64)) ".utf8) + binary([UInt8](repeating: 7, count: 1024)) + [10]
    let stream = Array(repeatElement(event, count: 20).joined())
    #expect(cut(stream, 16384) == 16384 / event.count * event.count)
  }
}
