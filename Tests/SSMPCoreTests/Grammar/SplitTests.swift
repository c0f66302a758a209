// Requests that arrive in pieces.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Parser, split input")
struct SplitTests {
  @Test("Every proper beginning of a request is incomplete, whatever lies behind it in memory")
  func beginnings() {
    for request in sampleRequests {
      for count in 0..<request.count {
        let outcome = RequestParser.parse(request.span.extracting(0..<count).bytes, at: 0, framing: .exact)
        guard case .incomplete = outcome else {
          Issue.record("\(count) bytes of \(request): \(outcome)")
          continue
        }
      }
    }
  }

  @Test("Requests fed in pieces of any size are the same requests")
  func pieces() throws {
    let stream = sampleRequests.flatMap { $0 }
    for size in Array(1...20) + [63, 64, 65, 1000, 1163, stream.count] {
      var parser = PiecewiseParser(framing: .exact)
      for start in stride(from: 0, to: stream.count, by: size) {
        try parser.feed(Array(stream[start..<min(start + size, stream.count)]))
      }
      #expect(parser.found.map { Array(stream[$0.place]) } == sampleRequests)
      #expect(!parser.isBroken)
    }
  }
}

@Suite("RequestBatch")
struct RequestBatchTests {
  @Test("A batch holds all complete requests and says where it stopped")
  func whole() {
    let bytes = Array("PING\nPONG\nPIN".utf8)
    var batch = RequestBatch()
    var framing = Framing.exact
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    let (count, end, stop) = (batch.count, batch.end, batch.stop)
    #expect(count == 2)
    #expect(end == 10)
    #expect(stop == .incomplete)
  }

  @Test("An error leaves the requests before it")
  func error() {
    let bytes = Array("PING\nping\n".utf8)
    var batch = RequestBatch()
    var framing = Framing.exact
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    let (count, end, stop) = (batch.count, batch.end, batch.stop)
    #expect(count == 1)
    #expect(end == 5)
    #expect(stop == .invalid)
  }

  @Test("A batch is full at its limit only when there is one more, and parsing goes on from its end")
  func full() {
    let bytes = Array(String(repeating: "PING\n", count: RequestBatch.limit + 1).utf8)
    var batch = RequestBatch()
    var framing = Framing.exact
    batch.parse(bytes.span.extracting(0..<bytes.count - 5).bytes, from: 0, framing: &framing)
    let exactly = (batch.count, batch.stop)
    #expect(exactly == (RequestBatch.limit, .incomplete))
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    let over = (batch.count, batch.stop, batch.end)
    #expect(over == (RequestBatch.limit, .full, bytes.count - 5))
    batch.parse(bytes.span.bytes, from: bytes.count - 5, framing: &framing)
    let rest = (batch.count, batch.stop, batch.end)
    #expect(rest == (1, .incomplete, bytes.count))
  }
}

@Suite("Batches")
struct BatchTests {
  @Test("A batch that is cut short ends behind its last request, and what is cut off is parsed again")
  func truncated() {
    let bytes = Array("PING\nBCAST a\nPING\n!".utf8)
    var framing = Framing.exact
    var batch = RequestBatch()
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    #expect(batch.count == 3 && batch.stop == .invalid)
    #expect([0, 1, 5, 6, 13, 14, 99].map { batch.count(before: $0) } == [0, 1, 1, 2, 2, 3, 3])
    batch.truncate(to: 3)
    #expect(batch.count == 3 && batch.stop == .invalid && batch.end == 18)
    batch.truncate(to: 2)
    #expect(batch.count == 2 && batch.stop == .full && batch.end == 13)
    batch.parse(bytes.span.bytes, from: batch.end, framing: &framing)
    #expect(batch.count == 1 && batch[0].verb == .ping && batch.stop == .invalid)
  }
}
