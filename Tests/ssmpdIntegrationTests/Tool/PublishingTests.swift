// ssmp pub, send, bcast, sub and recv against the real server.

import Foundation
import Testing

@Suite("ssmp: publishing and subscribing")
struct PublishingTests {
  /// A subscriber that is subscribed.
  private func subscriber(_ arguments: [String], _ server: ServerProcess) throws -> ToolProcess {
    let tool = try ToolProcess(["sub", "--ready", "2"] + arguments, server: server)
    try tool.waitForError("\n")
    return tool
  }

  @Test("What is published is printed, a line each, at once")
  func text() throws {
    let server = try ServerProcess()
    let reader = try subscriber(["news", "-n", "3"], server)
    #expect(try ToolProcess.run(["pub", "news", "hello"], server: server).status == 0)
    try reader.waitForOutput("hello\n")
    #expect(try ToolProcess.run(["pub", "news"], server: server, input: Array("one\ntwo".utf8)).status == 0)
    #expect(try reader.end() == 0)
    #expect(reader.text == "hello\none\ntwo\n")
  }

  @Test("A message to nobody is 6, one to somebody arrives")
  func unicast() throws {
    let server = try ServerProcess()
    let gone = try ToolProcess.run(["send", "bob", "hi"], server: server)
    #expect(gone.status == 6)
    #expect(gone.errors.contains("404"))
    let bob = try ToolProcess(["-i", "bob", "recv", "-n", "1", "-F", "%i %v %t %p", "--ready", "2"], server: server)
    try bob.waitForError("\n")
    #expect(try ToolProcess.run(["-i", "amy", "send", "bob", "hi"], server: server).status == 0)
    #expect(try bob.end() == 0)
    #expect(bob.text == "amy UCAST bob hi\n")
  }

  @Test("A broadcast reaches those who share a topic")
  func broadcast() throws {
    let server = try ServerProcess()
    let bob = try ToolProcess(["-i", "bob", "recv", "-n", "1", "--join", "room", "--ready", "2"], server: server)
    try bob.waitForError("\n")
    #expect(try ToolProcess.run(["bcast", "--join", "room", "all"], server: server).status == 0)
    #expect(try bob.end() == 0)
    #expect(bob.text == "all\n")
  }

  @Test("A line that is too long is 8 with its number; nothing behind it is sent, unless it is to be left out")
  func tooLong() throws {
    let server = try ServerProcess()
    let reader = try subscriber(["t", "-n", "4"], server)
    let lines = "first\n" + String(repeating: "x", count: 1025) + "\nlast\n"
    let stopped = try ToolProcess.run(["pub", "t"], server: server, input: Array(lines.utf8))
    #expect(stopped.status == 8)
    #expect(stopped.errors.contains("message 2"))
    let skipped = try ToolProcess.run(["pub", "t", "--skip-invalid"], server: server, input: Array(lines.utf8))
    #expect(skipped.status == 0)
    #expect(try ToolProcess.run(["pub", "t", String(repeating: "y", count: 1024)], server: server).status == 0)
    #expect(try reader.end() == 0)
    #expect(reader.text == "first\nfirst\nlast\n" + String(repeating: "y", count: 1024) + "\n")
  }

  @Test("An empty line is no message, and is 8")
  func emptyLine() throws {
    let server = try ServerProcess()
    #expect(try ToolProcess.run(["pub", "t"], server: server, input: Array("a\n\nb\n".utf8)).status == 8)
  }

  @Test("Files, the whole input, and messages that end with a byte 0", arguments: [true, false])
  func forms(isFile: Bool) throws {
    let server = try ServerProcess()
    let reader = try subscriber(["t", "-o", "json", "-n", "3", "-o", "wire"], server)
    let file = try TemporaryFile("a\nb")
    if isFile {
      #expect(try ToolProcess.run(["pub", "t", "-f", file.path], server: server).status == 0)
    } else {
      #expect(try ToolProcess.run(["pub", "t", "--whole"], server: server, input: Array("a\nb".utf8)).status == 0)
    }
    #expect(
      try ToolProcess.run(["-i", "p", "pub", "t", "-0"], server: server, input: Array("c\0d\n\0".utf8)).status == 0)
    #expect(try reader.end() == 0)
    #expect(reader.text.hasSuffix("000 p MCAST t c\n000 p MCAST t \0\u{1}d\n\n"))
    #expect(reader.text.contains(" MCAST t \0\u{2}a\nb\n"))
  }
}
