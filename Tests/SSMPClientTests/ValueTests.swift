// What the grammar allows.

import SSMPClient
import Testing

@Suite("Values")
struct ValueTests {
  @Test(
    "An ID has 1 to 64 bytes of the grammar's (Grammar: id)",
    arguments: ["a", "A9.:@/_-+=~", String(repeating: "x", count: 64)])
  func valid(text: String) throws {
    let id = try ID(text)
    #expect(id.description == text && id.count == text.utf8.count)
  }

  @Test(
    "Nothing else is an ID", arguments: ["", " ", "a b", "a\n", "ä", "a\u{0}", "a%", String(repeating: "x", count: 65)])
  func invalid(text: String) {
    #expect(throws: SSMPError.self) { _ = try ID(text) }
  }

  @Test("IDs are equal, hashed and ordered by their bytes, at each length")
  func lengths() throws {
    var all: [ID] = []
    for length in 1...64 { all.append(try ID(String(repeating: "y", count: length))) }
    #expect(Set(all).count == 64)
    #expect(all.shuffled().sorted() == all)
    #expect(all[1] == "yy" && all[1] != "yx")
    #expect("b" as ID > "aaaaaaaaaaaaaaaaaaaa")
  }

  @Test("A text has 1 to 1,024 bytes, no LF, and begins above 3 (Grammar: payload; Binary payloads)")
  func texts() throws {
    for text in ["", "a\nb", "\n", "\u{0}a", "\u{3}a", String(repeating: "x", count: 1025)] {
      #expect(throws: SSMPError.self) { _ = try Payload(text) }
    }
    for text in ["a", "\u{4}", "a\u{0}", " ", "ä", String(repeating: "x", count: 1024)] {
      let payload = try Payload(text)
      #expect(payload.text == text && !payload.isBinary && payload.count == text.utf8.count)
    }
  }

  @Test("A binary payload has any 1 to 1,024 bytes")
  func binaries() throws {
    #expect(throws: SSMPError.self) { _ = try Payload(binary: []) }
    #expect(throws: SSMPError.self) { _ = try Payload(binary: [UInt8](repeating: 0, count: 1025)) }
    for bytes in [[0], [10], [0, 10, 255], [UInt8](repeating: 10, count: 1024)] as [[UInt8]] {
      let payload = try Payload(binary: bytes)
      #expect(payload.bytes == bytes && payload.isBinary && payload.count == bytes.count)
      #expect(try Payload(bytes) == payload)
    }
    #expect(try Payload(Array("text".utf8)) == "text")
    #expect(try Payload([0xff, 0xfe]).text == nil)
  }

  @Test(
    "Servers are read as they are written",
    arguments: [
      ("tls://ssmp.example:9000", "tls://ssmp.example:9000"), ("ssmp.example", "tls://ssmp.example:8788"),
      ("tcp://ssmp.example", "tcp://ssmp.example:8787"), ("tcp://[::1]:5", "tcp://[::1]:5"),
      ("tls://[fe80::1%eth0]", "tls://[fe80::1%eth0]:8788"), ("unix:/run/ssmpd.sock", "unix:/run/ssmpd.sock"),
    ])
  func servers(text: String, written: String) throws {
    #expect(try SSMPClient.ServerAddress(text).description == written)
  }

  @Test(
    "Anything else is no server",
    arguments: [
      "", "tcp://", "tcp://a:0", "tcp://a:99999", "http://a:1", "tcp://a b:1", "unix:", "tcp://::1:5", "a:+1",
    ])
  func noServers(text: String) {
    #expect(throws: SSMPError.self) { _ = try SSMPClient.ServerAddress(text) }
  }
}
