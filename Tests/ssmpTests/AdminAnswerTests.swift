// Answers of the admin socket, as columns and as JSON.

import Testing

@testable import ssmp

@Suite("Answers of the admin socket")
struct AdminAnswerTests {
  private func answer(_ lines: [String], summary: String = "") -> AdminAnswer {
    AdminAnswer(lines: lines.map { AdminLine($0.utf8) }, summary: AdminLine(summary.utf8))
  }

  @Test("Lines are taken apart into keys and values, whatever stands in quotes")
  func lines() {
    let line = AdminLine(#"a=1  b="x = \"y\" \\ \x00\xff" c= word d="end"#.utf8)
    #expect(line.fields.map(\.key) == ["a", "b", "c", "word", "d"])
    #expect(line.fields[1].value == Array(#"x = "y" \ "#.utf8) + [0, 0xff])
    #expect(line.fields.map(\.isQuoted) == [false, true, false, true, true])
    #expect(line["d"] == "end")
    #expect(line["none"] == nil)
    #expect(AdminLine("".utf8).fields.isEmpty)
    for broken in ["=", "\"", "a=\"\\", "a=\"\\x", "a=\"\\xg0\"", "= =", "a=\"b\"c"] { _ = AdminLine(broken.utf8) }
  }

  @Test("No value reaches a terminal as a command for it")
  func harmless() {
    let hostile = AdminLine("id=\u{1b}[2J peer=\"\\x1b]0;x\\x07\"".utf8)
    for text in [hostile["id"], hostile["peer"]] { #expect(text?.utf8.allSatisfy { $0 >= 32 && $0 < 127 } == true) }
    let text = AdminTable.text(AdminAnswer(lines: [hostile], summary: AdminLine("".utf8)), .named("x"), columns: 80)
    #expect(!text.contains("\u{1b}") && !text.contains("\u{7}"))
  }

  @Test("Listings have a heading, and numbers at the right")
  func table() {
    let lines = ["conn=#0.1.2 id=a pending=5", "conn=#0.11.2 id=long/name pending=12345"]
    let text = AdminTable.text(answer(lines, summary: "count=2 matched=5"), .named("connections"), columns: 80)
    #expect(
      text == """
        CONN     ID         PENDING
        #0.1.2   a                5
        #0.11.2  long/name    12345
        2 of 5

        """)
    #expect(AdminTable.text(answer([], summary: "count=0"), .named("topics"), columns: 80) == "none\n")
  }

  @Test("A connection is pairs, and a table of its topics, also if there is only one")
  func details() {
    let lines = ["conn=#0.1.2 id=a", "loop=0 kept=0", "topic=t presence=false"]
    #expect(
      AdminTable.text(answer(lines), .named("connection"), columns: 40) == """
        conn #0.1.2     id a
        loop 0  kept 0
        TOPIC  PRESENCE
        t      false

        """)
    #expect(
      AdminJSON.text(answer(lines), .named("connection"))
        == ##"{"conn":"#0.1.2","id":"a","loop":0,"kept":0,"topics":[{"topic":"t","presence":false}]}"##)
  }

  @Test("In JSON numbers are numbers, and names are strings also if they look like numbers")
  func json() {
    let lines = ["topic=12 subscribers=1 watchers=0", "id=007 presence=true loop=0"]
    #expect(
      AdminJSON.text(answer(lines, summary: "count=1"), .named("topic"))
        == #"{"topic":"12","subscribers":1,"watchers":0,"members":[{"id":"007","presence":true,"loop":0}],"count":1}"#)
    let values = AdminLine(#"a=1.5 b=01 c=1. d=- e="1" f=1e5 g=0 h=99999999999999999999999"#.utf8)
    #expect(
      AdminJSON.text(values)
        == #"{"a":1.5,"b":"01","c":"1.","d":"-","e":"1","f":"1e5","g":0,"h":"99999999999999999999999"}"#)
    #expect(AdminJSON.text(AdminLine(#"payload="\xff""#.utf8)) == #"{"payload-base64":"/w=="}"#)
  }

  @Test("An answer whose keys repeat is an array, so that no key is twice in an object")
  func repeated() {
    #expect(AdminJSON.text(answer(["a=1", "a=2"]), .named("new")) == #"{"lines":[{"a":1},{"a":2}]}"#)
    #expect(AdminJSON.text(answer(["a=1", "b=2"]), .named("new")) == #"{"a":1,"b":2}"#)
  }

  @Test("A word of a command is one word of one line")
  func commands() throws {
    #expect(try AdminVerb.line(["connections", "sort=id"]) == "connections sort=id")
    for words in [["a b"], ["a\ndrain"], [""], [String(repeating: "x", count: 513)]] {
      #expect(throws: (any Error).self) { try AdminVerb.line(words) }
    }
  }

  @Test("Responses in HTTP, and what is none")
  func http() {
    let response = AdminResponse(Array("HTTP/1.0 503 Service Unavailable\r\nA: b\r\n\r\nloop=1 stuck=true\n".utf8))
    #expect(response?.status == 503)
    #expect(response?.lines == ["loop=1 stuck=true"])
    for text in ["", "HTTP/1.0 200 OK\r\n", "HTTP/1.0 x y\r\n\r\n", "error: closed\n"] {
      #expect(AdminResponse(Array(text.utf8)) == nil)
    }
  }
}
