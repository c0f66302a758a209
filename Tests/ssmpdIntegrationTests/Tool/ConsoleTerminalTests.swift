// ssmp console at a terminal, against the real server.

import Foundation
import Testing

@Suite("ssmp: console, at a terminal", .enabled(if: TerminalTool.isAvailable, "script is not installed"))
struct ConsoleTerminalTests {
  private let prompt = "amy> "
  /// What draws the prompt with a text behind it.
  private func drawn(_ text: String) -> String {
    "\r\(prompt)\(text)\u{1b}[K\r\u{1b}[\(prompt.count + text.count)C"
  }

  /// A console with a prompt.
  private func console(
    _ server: ServerProcess, _ arguments: String = "", environment: [String: String] = [:]
  ) throws -> ToolProcess {
    let tool = try TerminalTool.start(
      "exec $SSMP -i amy console \(arguments)", server: server, environment: environment)
    try tool.waitForOutput(drawn(""))
    return tool
  }

  @Test("An event appears above what is being typed, which goes on as if nothing had happened")
  func events() throws {
    let server = try ServerProcess()
    let console = try console(server)
    console.write("SUBSCRIBE news\r")
    try console.waitForOutput("\r\u{1b}[K\(prompt)SUBSCRIBE news\r\n")
    try console.waitForOutput("\u{1b}[32m200 OK\u{1b}[0m\r\n" + drawn(""))
    console.write("UCAST amy par")
    try console.waitForOutput(drawn("UCAST amy par"))
    let bob = try server.login("bob")
    bob.send("MCAST news hello\n")
    // The line is erased, the event takes its place, and the line is drawn anew.
    try console.waitForOutput("\u{1b}[36mbob\u{1b}[0m MCAST news hello\r\n" + drawn("UCAST amy par"))
    console.write("tial\r")
    try console.waitForOutput("\u{1b}[36mamy\u{1b}[0m UCAST amy partial\r\n")
    console.write("\u{4}")
    #expect(try console.end() == 0)
  }

  @Test("The history and the keys of the editor work")
  func editing() throws {
    let server = try ServerProcess()
    let console = try console(server)
    console.write("UCAST amy one\r")
    try console.waitForOutput(" UCAST amy one\r\n\(drawn(""))")
    console.write("\u{1b}[A\u{17}two\r")
    try console.waitForOutput(" UCAST amy two\r\n\(drawn(""))")
    console.write("/quit\r")
    #expect(try console.end() == 0)
  }

  @Test(
    "An escape sequence of another client does not reach the terminal, unless --raw is given", arguments: [false, true])
  func hostile(isRaw: Bool) throws {
    let server = try ServerProcess()
    let console = try console(server, isRaw ? "--raw" : "")
    let bob = try server.login("bob")
    bob.send("UCAST amy \u{1b}]0;x\u{7}\u{9b}2J\n")
    try console.waitForOutput(
      isRaw ? "UCAST amy \u{1b}]0;x\u{7}\u{9b}2J\r\n" : "UCAST amy \\u{1b}]0;x\\u{7}\\u{9b}2J\r\n")
    console.write("\u{4}")
    #expect(try console.end() == 0)
    #expect(console.text.contains("\u{1b}]") == isRaw)
  }

  @Test("With NO_COLOR, lines have no color")
  func noColour() throws {
    let server = try ServerProcess()
    let console = try console(server, environment: ["NO_COLOR": "1"])
    console.write("UCAST amy hi\rFOO\r")
    try console.waitForOutput("Z 501 Not Implemented\r\n")
    try console.waitForOutput("Z amy UCAST amy hi\r\n")
    console.write("\u{4}")
    #expect(try console.end() == 0)
    #expect(!console.text.contains("\u{1b}[3") && !console.text.contains("m" + "amy"))
  }

  @Test("A terminal that cannot redraw a line gets lines, and nothing else")
  func dumb() throws {
    let server = try ServerProcess()
    let console = try TerminalTool.start("exec $SSMP -i amy console", server: server, environment: ["TERM": "dumb"])
    console.write("UCAST amy \u{1b}[1m\n")
    try console.waitForOutput("amy UCAST amy \\u{1b}[1m\r\n")
    console.write("CLOSE\n")
    #expect(try console.end() == 0)
    #expect(!console.text.contains("\u{1b}"))
  }

  @Test("Ctrl-C discards what is typed, and ends the session with 130 in an empty line")
  func interrupt() throws {
    let server = try ServerProcess()
    let console = try console(server)
    console.write("UCAST amy wrong\u{3}")
    try console.waitForOutput("^C\r\n" + drawn(""))
    console.write("UCAST amy right\r")
    try console.waitForOutput(" UCAST amy right\r\n")
    console.write("\u{3}")
    #expect(try console.end() == 130)
    #expect(!console.text.contains("m UCAST amy wrong\r\n"))
  }

  @Test(
    "The terminal is as it was, however the session ends", arguments: ["\u{4}", "/quit\r", "\u{3}", "TERM", "lost"])
  func restored(end: String) throws {
    let server = try ServerProcess()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    func content(_ name: String) -> String {
      (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }
    let path = folder.path
    let tool = try TerminalTool.start(
      "stty -g >'\(path)/before'; sh -c 'echo $$ >\(path)/pid; exec $0 \"$@\"' $SSMP -i amy console; code=$?; "
        + "stty -g >'\(path)/after'; exit $code", server: server)
    try tool.waitForOutput(drawn(""))
    tool.write("half a line")
    try tool.waitForOutput(drawn("half a line"))
    switch end {
    case "TERM": kill(try #require(Int32(content("pid").trimmingCharacters(in: .newlines))), SIGTERM)
    case "lost": _ = server.stop()
    default: tool.write("\u{15}" + end)
    }
    #expect(try tool.end() == ["\u{3}": 130, "TERM": 143, "lost": 5][end] ?? 0)
    let (before, after) = (content("before"), content("after"))
    #expect(!before.isEmpty && before == after, "\(before) \(after)")
  }
}
