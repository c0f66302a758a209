// What a tap keeps, and how it is shown.

import Testing

@testable import ssmpd

@Suite("Tap")
struct TapTests {
  private func add(_ text: String, head: Int, to tap: Tap, isLogin: Bool = false) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes {
      let payload = min(head + 1, bytes.count)..<bytes.count
      tap.add(
        .input, $0, head: 0..<head, payload: payload, payloadLength: payload.count, isLogin: isLogin)
    }
  }

  private func lines(_ tap: Tap) -> [String] {
    let batch = tap.take()
    return batch.records.map { TapText.line($0, of: batch, at: "T") }
  }

  @Test("Payloads are lengths unless they are asked for, and then everything unprintable is escaped")
  func payloads() throws {
    let quiet = try Tap(showsPayload: false)
    let loud = try Tap(showsPayload: true)
    for tap in [quiet, loud] {
      add("UCAST a hello", head: 7, to: tap)
      add("UCAST a \u{1b}\"\\\n", head: 7, to: tap)
      add("PING", head: 4, to: tap)
    }
    #expect(
      lines(quiet) == [
        "at=T dir=in line=\"UCAST a\" payload-bytes=5", "at=T dir=in line=\"UCAST a\" payload-bytes=4",
        "at=T dir=in line=\"PING\"",
      ])
    #expect(
      lines(loud) == [
        "at=T dir=in line=\"UCAST a\" payload=\"hello\"", "at=T dir=in line=\"UCAST a\" payload=\"\\x1b\\\"\\\\\\x0a\"",
        "at=T dir=in line=\"PING\"",
      ])
  }

  @Test("A credential is not even kept, and its length is not told")
  func credentials() throws {
    let tap = try Tap(showsPayload: true)
    add("LOGIN a secret hunter2", head: 14, to: tap, isLogin: true)
    let batch = tap.take()
    #expect(batch.bytes == Array("LOGIN a secret".utf8))
    #expect(
      TapText.line(batch.records[0], of: batch, at: "T") == "at=T dir=in line=\"LOGIN a secret\" credential=hidden")
  }

  @Test("What does not fit is dropped and counted, and nothing follows it before somebody has looked")
  func limit() throws {
    let tap = try Tap(showsPayload: true)
    let long = "UCAST a " + String(repeating: "p", count: 1000)
    for _ in 0..<1000 { add(long, head: 7, to: tap) }
    add("PING", head: 4, to: tap)
    let batch = tap.take()
    #expect(batch.bytes.count <= Tap.limit && batch.bytes.count > Tap.limit / 2)
    #expect(batch.records.count + batch.dropped == 1001)
    #expect(batch.records.allSatisfy { $0.payloadLength == 1000 })
    add("PING", head: 4, to: tap)
    #expect(lines(tap) == ["at=T dir=in line=\"PING\""])
  }

  @Test("The first reason for the end counts, and is told after what came before")
  func end() throws {
    let tap = try Tap(showsPayload: false)
    add("CLOSE", head: 5, to: tap)
    tap.end("close-request")
    tap.end("-")
    let batch = tap.take()
    #expect(batch.records.count == 1 && batch.end == "close-request")
    #expect(tap.take().isEmpty)
  }
}
