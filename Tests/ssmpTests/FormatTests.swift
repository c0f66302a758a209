// What events look like, and how they are read back.

import CommandLineTools
import FuzzHarness
import SSMPClient
import Testing

@testable import ssmp

@Suite("Forms of messages")
struct FormatTests {
  @Test("Any bytes survive base64")
  func base64() {
    var random = SystemRandomNumberGenerator()
    for count in 0...100 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    #expect(Base64.encode(Array("light work.".utf8)) == "bGlnaHQgd29yay4=")
    for text in ["a", "ab=", "a===", "ab=c", "a b=", "abc?"] { #expect(Base64.decode(text) == nil) }
  }

  @Test("Any payload survives JSON")
  func json() throws {
    for round in 0..<500 {
      let bytes = (0..<Int.random(in: 1...60)).map { _ in UInt8.random(in: round % 2 == 0 ? 0...255 : 0...127) }
      var object = JSONText()
      object.add("time", "x")
      object.add("presence", literal: "true")
      object.add(payload: bytes)
      let read = JSONInput.payload(in: Array(object.text.utf8))
      #expect(try read?.get().bytes == bytes)
    }
  }

  @Test("Objects of JSON as others write them")
  func foreignJSON() throws {
    let accepted = [
      #"{"text":"a"}"#, #" { "n" : [1, 2.5e3, {"a": null}], "text" : "\u0061" } "#,
      #"{"base64":"YQ==","x":{"text":"b"}}"#,
    ]
    for text in accepted { #expect(try JSONInput.payload(in: Array(text.utf8))?.get().bytes == [97]) }
    #expect(JSONInput.payload(in: Array(#"{"verb":"SUBSCRIBE"}"#.utf8)) == nil)
    #expect(JSON.string("a\u{202e}\u{e0001}") == #""a\u202e\udb40\udc01""#)
    #expect(try JSONInput.payload(in: Array(#"{"text":"\ud83d\ude00"}"#.utf8))?.get().bytes == Array("😀".utf8))
    for text in [
      "", "x", "[]", #"{"text":"a""#, #"{"text":"\ud83d"}"#, #"{"text":"a"}x"#, #"{"text":1,}"#, #"{"base64":"*"}"#,
    ] {
      #expect(throws: SSMPError.self) { try JSONInput.payload(in: Array(text.utf8))?.get() }
    }
  }

  @Test("A deep nest of brackets is refused, not followed")
  func deepJSON() {
    let text = #"{"a":"# + String(repeating: "[", count: 10_000)
    #expect(JSONObject.members(Array(text.utf8)) == nil)
  }

  @Test("Formats that are none are refused")
  func formats() {
    for text in ["%", "%q", "\\", "\\q"] { #expect(throws: (any Error).self) { try MessageFormat(text) } }
  }

  @Test("Lines at every split, the last without an end")
  func lines() throws {
    let text = Array("one\ntwo\n\nlast".utf8)
    for split in 0...text.count {
      var splitter = LineSplitter(end: 10)
      var messages: [InputMessage] = []
      splitter.take(Array(text[..<split]), into: &messages)
      splitter.take(Array(text[split...]), into: &messages)
      splitter.finish(into: &messages)
      #expect(messages.map(\.number) == [1, 2, 3, 4])
      #expect(messages.map { try? $0.payload.get().description } == ["one", "two", nil, "last"])
    }
  }
}
