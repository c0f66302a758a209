// Messages without their payloads.

import Testing

@testable import SSMPCore

@Suite("Head and payload")
struct HeadTests {
  private func parts(_ text: String) throws -> (head: String, payload: String) {
    let bytes = Array(text.utf8)
    var framing = Framing.line
    var batch = RequestBatch()
    batch.parse(bytes.span.bytes, from: 0, framing: &framing)
    try #require(batch.count == 1, "\(text)")
    let request = batch[0]
    return (
      String(decoding: bytes[request.head(bytes.span.bytes)], as: UTF8.self),
      String(decoding: bytes[request.payload], as: UTF8.self)
    )
  }

  @Test(
    "A request is its head and its payload",
    arguments: [
      ("UCAST bob hello world\n", "UCAST bob", "hello world"), ("MCAST t x\r\n", "MCAST t", "x"),
      ("BCAST x y\n", "BCAST", "x y"), ("UCAST bob \0\u{1}\n\n\n", "UCAST bob", "\0\u{1}\n\n"),
      ("PING\n", "PING", ""), ("CLOSE\n", "CLOSE", ""), ("SUBSCRIBE t PRESENCE\n", "SUBSCRIBE t PRESENCE", ""),
      ("UNSUBSCRIBE t\n", "UNSUBSCRIBE t", ""),
    ])
  func requests(text: String, head: String, payload: String) throws {
    #expect(try parts(text) == (head, payload))
  }

  @Test(
    "No head shows what may be a credential",
    arguments: [
      ("LOGIN a secret hunter2\n", "LOGIN a secret"), ("LOGIN a open\n", "LOGIN a open"),
      ("LOGIN a hunter2\n", "LOGIN a"), ("LOGIN a hunter2 x\n", "LOGIN a"), ("LOGON a secret hunter2\n", "LOGON"),
      ("NOOP\n", "NOOP"),
    ])
  func credentials(text: String, head: String) throws {
    #expect(try parts(text).head == head)
  }

  @Test("A message of a server is its head and its payload")
  func messages() throws {
    for (text, head) in [
      ("000 a MCAST t hello\n", "000 a MCAST t"), ("000 a BCAST hello\n", "000 a BCAST"),
      ("000 a SUBSCRIBE t PRESENCE\n", "000 a SUBSCRIBE t PRESENCE"), ("000 . PING\n", "000 . PING"), ("200\n", "200"),
    ] {
      let bytes = Array(text.utf8)
      guard case .complete(let message) = MessageParser.parse(bytes.span.bytes, at: 0) else {
        Issue.record("\(text)")
        continue
      }
      #expect(String(decoding: bytes[message.head], as: UTF8.self) == head)
    }
  }
}
