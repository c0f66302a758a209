// What lines of the console are read as.

import SSMPClient
import Testing

@testable import ssmp

@Suite("Lines of the console")
struct ConsoleRequestTests {
  private func read(_ line: String) throws -> ConsoleRequest { try ConsoleRequest(Array(line.utf8)) }

  private func fault(_ line: String) -> ConsoleFault? {
    do throws(ConsoleFault) {
      _ = try ConsoleRequest(Array(line.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test("Requests of the protocol")
  func requests() throws {
    #expect(try read("") == .nothing)
    #expect(try read("  ") == .nothing)
    #expect(try read("SUBSCRIBE news") == .subscribe("news", presence: false))
    #expect(try read("subscribe news presence") == .subscribe("news", presence: true))
    #expect(try read("UNSUBSCRIBE news") == .unsubscribe(["news"]))
    #expect(try read("UCAST bob hi there ") == .request("UCAST", "bob", "hi there "))
    #expect(try read("mcast news  two") == .request("MCAST", "news", " two"))
    #expect(try read("BCAST a\\nb") == .request("BCAST", nil, "a\\nb"))
    #expect(try read("PING") == .ping)
    #expect(try read("CLOSE") == .close)
  }

  @Test("Verbs that the protocol does not have, with what stands behind them")
  func others() throws {
    #expect(try read("FOO") == .request("FOO", nil, nil))
    #expect(try read("FOO bar") == .request("FOO", "bar", nil))
    #expect(try read("FOO bar baz x") == .request("FOO", "bar", "baz x"))
    #expect(try read("FOO bär baz") == .request("FOO", nil, "bär baz"))
  }

  @Test(
    "Lines that are malformed say why",
    arguments: [
      ("hello", "no verb"), ("ABCDEFGHIJKLMNOPQ", "no verb"), ("SUBSCRIBE", "topic is missing"),
      ("SUBSCRIBE news LOUD", "'LOUD'"), ("SUBSCRIBE news PRESENCE x", "too many"), ("PING x", "too many"),
      ("UCAST b*b hi", "'b*b'"), ("LOGIN amy open", "itself"), ("PONG", "itself"), ("/quti", "/quit"),
      ("/sub", "topic is missing"), ("/who a b", "too many"), ("/pub t a\\q", "backslash"),
      ("/pub t \\x4", "backslash"), (" PING", "no verb"),
    ])
  func malformed(line: String, part: String) {
    let fault = fault(line)
    #expect(fault?.status == .usage)
    #expect(fault?.message.contains(part) == true, "\(fault?.message ?? "")")
  }

  @Test("Payloads that cannot be sent are 8")
  func payloads() {
    let long = String(repeating: "x", count: 1025)
    for line in ["UCAST bob", "UCAST bob ", "MCAST t \(long)", "BCAST \u{1}a", "/pub t", "/msg b \(long)"] {
      #expect(fault(line)?.status == .invalidMessage, "\(line.prefix(20))")
    }
    #expect(fault("BCAST \u{1}a")?.message.contains("\\xHH") == true)
  }

  @Test("Short forms, whatever the case and the blanks")
  func shortForms() throws {
    #expect(try read("/sub news  weather ") == .join(["news", "weather"]))
    #expect(try read("/WATCH news") == .watch(["news"]))
    #expect(try read("/unsub a b") == .unsubscribe(["a", "b"]))
    #expect(try read("/who news") == .members("news"))
    #expect(try read("/pub  news  hi there") == .request("MCAST", "news", "hi there"))
    #expect(try read("/msg bob hi") == .request("UCAST", "bob", "hi"))
    #expect(try read("/all hi") == .request("BCAST", nil, "hi"))
    #expect(try read("/ping") == .ping)
    #expect(try read("/quit") == .close)
    #expect(try read("/help me") == .help)
  }

  @Test("Escapes in short forms; a text with a line end is binary")
  func escapes() throws {
    #expect(try read("/pub t a\\nb") == .request("MCAST", "t", try Payload(binary: Array("a\nb".utf8))))
    #expect(try read("/pub t \\x00\\xFf\\t\\\\") == .request("MCAST", "t", try Payload(binary: [0, 255, 9, 92])))
    #expect(try read("/pub t x\\x41") == .request("MCAST", "t", "xA"))
  }

  @Test("Each short form is read, and each is in the help")
  func table() {
    for form in ShortForm.all {
      #expect(ConsoleHelp.lines.contains { $0.contains("/\(form.name)") })
      let operands = ["": "", "TOPIC...": " news", "TOPIC": " news", "TEXT": " hi"][form.operands] ?? " news hi"
      #expect(fault("/\(form.name)\(operands)") == nil)
    }
    #expect(ConsoleHelp.lines.allSatisfy { $0.count < 80 })
  }

  @Test("Bytes are taken apart into lines, wherever they are cut")
  func lines() {
    let text = Array("one\n\ntwo\r\nlast".utf8)
    for cut in 0...text.count {
      var lines = ByteLines()
      var found: [String] = []
      for part in [text[..<cut], text[cut...]] {
        lines.add(Array(part))
        while let line = lines.next() { found.append(String(decoding: line, as: UTF8.self)) }
      }
      let rest = lines.finish().map { String(decoding: $0, as: UTF8.self) }
      #expect(found == ["one", "", "two\r"] && rest == "last")
    }
  }
}
