// ssmp top against the real server.

import Foundation
import Testing

@Suite("ssmp top")
struct TopTests {
  /// The keys and values of a line of `-b`.
  private func pairs(_ line: String) -> [String: String] {
    line.split(separator: " ").reduce(into: [:]) { pairs, word in
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { pairs[parts[0]] = parts[1] }
    }
  }

  /// A client that sends a message until the test ends, each when another client has read the one before: a recipient that
  /// reads nothing would make the sender wait.
  private final class Traffic: @unchecked Sendable {
    private let lock = NSLock()
    private var isOver = false
    private let done = DispatchSemaphore(value: 0)

    init(_ client: TestClient, _ message: String, to reader: TestClient, _ event: String) {
      Foundation.Thread.detachNewThread { [self] in
        while !lock.withLock({ isOver }) {
          client.send(message)
          client.expect("200\n")
          reader.expect(event)
        }
        done.signal()
      }
    }

    func stop() {
      lock.withLock { isOver = true }
      done.wait()
    }
  }

  @Test("-b prints figures that change with the traffic, and ends after so many lines")
  func batch() throws {
    let server = try AdminServerProcess()
    let reader = try server.process.login("reader")
    reader.send("SUBSCRIBE t\n")
    reader.expect("200\n")
    let quiet = try ToolProcess.run(["top", "--admin", server.path, "-b", "-n", "1", "-d", "200ms"])
    #expect(quiet.status == 0)
    let idle = pairs(quiet.text)
    #expect(idle["connections"] == "1" && idle["topics"] == "1" && idle["messages-per-second"] == "0.0")
    #expect(idle["busiest"] == "-" && idle["version"] != nil)
    let traffic = Traffic(
      try server.process.login("busy"), "MCAST t hello\n", to: reader, "000 busy MCAST t hello\n")
    let counted = try ToolProcess.run(["top", "--admin", server.path, "-b", "-n", "2"])
    #expect(counted.status == 0)
    #expect(counted.text.split(separator: "\n").count == 2)
    let tool = try ToolProcess(["top", "--admin", server.path, "-b", "-d", "200ms"])
    let keys = ["messages", "deliveries", "bytes-in", "bytes-out", "busiest-requests"].map { "\($0)-per-second" }
    try eventually("there are figures of the traffic") {
      tool.text.split(separator: "\n").contains { line in
        let figures = pairs(String(line))
        return figures["connections"] == "2" && figures["busiest"] == "busy"
          && (keys + ["lag-seconds"]).allSatisfy { Double(figures[$0] ?? "").map { $0 > 0 } == true }
      }
    }
    traffic.stop()
    let before = tool.text.utf8.count
    try eventually("the traffic has ended in the figures, too") {
      tool.text.dropFirst(before).contains(" messages-per-second=0.0 ")
    }
    tool.signal(SIGINT)
    #expect(try tool.end() == 130)
  }

  @Test("-b is 3 if there is no server, and 5 if it goes away")
  func gone() throws {
    #expect(try ToolProcess.run(["top", "--admin", "/nonexistent", "-b"]).status == 3)
    let server = try AdminServerProcess()
    let tool = try ToolProcess(["top", "--admin", server.path, "-b", "-d", "100ms"])
    try tool.waitForOutput("\n")
    _ = server.process.stop()
    #expect(try tool.end() == 5)
    // It may have gone in the middle of an answer.
    #expect(tool.errorText.contains("no server answers at") || tool.errorText.contains("has closed the connection"))
  }

  @Test("-W and signals end it, and a reader that has gone")
  func endings() throws {
    let server = try AdminServerProcess()
    #expect(try ToolProcess.run(["-W", "300ms", "top", "--admin", server.path, "-b"]).status == 124)
    let tool = try ToolProcess(["top", "--admin", server.path, "-b", "-d", "100ms"])
    try tool.waitForOutput("\n")
    tool.signal(SIGTERM)
    #expect(try tool.end() == 143)
    // In good order: the signal itself has not ended it.
    #expect(tool.process.terminationReason == .exit)
    // Without a terminal only -b is possible.
    let blind = try ToolProcess.run(["top", "--admin", server.path], environment: ["TERM": "xterm"])
    #expect(blind.status == 2 && blind.errors.contains("no terminal"))
    #expect(try ToolProcess.run(["top", "-n", "2"]).status == 2)
  }

  @Test("In a terminal it shows figures, follows its size, and ends with q; the terminal is as before")
  func terminal() throws {
    let server = try AdminServerProcess()
    let clients = try ["pump/1", "pump/2", "desk"].map { try server.process.login($0) }
    clients[0].send("SUBSCRIBE alarms\n")
    clients[0].expect("200\n")
    let terminal = try PseudoTerminal(["top", "--admin", server.path, "-d", "100ms"], columns: 100, rows: 30)
    let mode = terminal.mode
    try terminal.waitForFrame("the clients and the topic") { lines in
      lines.contains { $0.hasPrefix("pump/1 ") } && lines.contains { $0.hasPrefix("desk ") }
        && lines.contains { $0.hasPrefix("alarms ") } && lines.count == 30
    }
    #expect(terminal.frame.allSatisfy { $0.count <= 100 })
    #expect(terminal.mode != mode)
    terminal.setSize(columns: 50, rows: 12)
    try terminal.waitForFrame("12 lines of 50 columns") { $0.count == 12 && $0.allSatisfy { $0.count <= 50 } }
    terminal.setSize(columns: 120, rows: 40)
    try terminal.waitForFrame("40 lines") { $0.count == 40 }
    let traffic = Traffic(clients[1], "UCAST desk x\n", to: clients[2], "000 pump/2 UCAST desk x\n")
    try terminal.waitForFrame("the busiest first") { lines in
      guard let heading = lines.firstIndex(where: { $0.hasPrefix("CONNECTION") }), heading + 1 < lines.count else {
        return false
      }
      return lines[heading + 1].hasPrefix("pump/2 ")
    }
    traffic.stop()
    terminal.type("/pump/\r")
    try terminal.waitForFrame("pumps alone") { lines in
      lines.contains { $0.hasPrefix("pump/1 ") } && !lines.contains { $0.hasPrefix("desk ") }
    }
    terminal.type("\u{1b}n")
    try terminal.waitForFrame("names in order") { lines in
      lines.firstIndex { $0.hasPrefix("desk ") }.map { lines[$0 - 1].hasPrefix("*CONNECTION") } ?? false
    }
    terminal.type("?")
    try terminal.waitForFrame("the help") { $0.contains { $0.hasPrefix("  q, Ctrl-C") } }
    terminal.type("xq")
    #expect(try terminal.end() == 0)
    #expect(terminal.mode == mode)
    try eventually("the cursor and the screen are back") { terminal.text.hasSuffix("\u{1b}[?25h\u{1b}[?1049l") }
  }

  @Test(
    "The terminal is given back by signals, by -W and while the command is stopped", arguments: [SIGTERM, SIGHUP, 0])
  func restored(number: Int32) throws {
    let server = try AdminServerProcess()
    let limit = number == 0 ? ["-W", "2s"] : []
    let terminal = try PseudoTerminal(limit + ["top", "--admin", server.path, "-d", "100ms"])
    let mode = terminal.mode
    try terminal.waitForFrame("figures") { $0.first?.hasPrefix("ssmpd ") == true }
    if number != 0 {
      terminal.type("\u{1a}")
      try eventually("it has stopped") { state(of: terminal.process) == "T" }
      #expect(terminal.mode == mode)
      terminal.signal(SIGCONT)
      try eventually("it goes on") { terminal.mode != mode }
      terminal.signal(SIGTSTP)
      try eventually("it has stopped") { state(of: terminal.process) == "T" }
      #expect(terminal.mode == mode)
      terminal.signal(SIGCONT)
      try eventually("it goes on") { terminal.mode != mode }
      terminal.signal(number)
    }
    #expect(try terminal.end() == (number == 0 ? 124 : 128 + number))
    #expect(terminal.mode == mode)
    try eventually("the cursor and the screen are back") { terminal.text.hasSuffix("\u{1b}[?25h\u{1b}[?1049l") }
  }

  /// The state of a process as the kernel shows it.
  private func state(of process: Process) -> String? {
    let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
    return text?.split(separator: ")").last?.split(separator: " ").first.map(String.init)
  }

  @Test("If the server goes away, it says so, and goes on when a server is there again")
  func restart() throws {
    let path = TemporaryFile.newPath()
    let first = try AdminServerProcess(at: path)
    let terminal = try PseudoTerminal(["top", "--admin", path, "-d", "100ms"])
    try terminal.waitForFrame("figures") { $0.contains { $0.hasPrefix("connections           0") } }
    _ = first.process.stop()
    try terminal.waitForFrame("that there is no server") { $0.contains { $0.contains("; trying again") } }
    let second = try AdminServerProcess(at: path)
    let client = try second.process.login("later")
    try terminal.waitForFrame("the new server") { lines in
      lines.contains { $0.hasPrefix("later ") } && !lines.contains { $0.contains("; trying again") }
    }
    terminal.type("\u{3}")
    #expect(try terminal.end() == 0)
    withExtendedLifetime(client) {}
  }

  @Test("Hostile names do not reach the terminal, and without colors there are none", arguments: [false, true])
  func hostile(hasColor: Bool) throws {
    let fake = try FakeAdmin { line in
      switch line {
      case "GET /metrics HTTP/1.0":
        "HTTP/1.0 200 OK\r\n\r\nssmpd_build_info{version=\"\u{1b}]0;x\u{7}\"} 1\nssmpd_requests_total{verb=\"ucast\"} 1\n"
      case let line where line.hasPrefix("connections"):
        "conn=#0.0.1 id=\u{1b}[31mred\u{1b}]0;title\u{7} peer=\u{9b}x seconds=1 pending=5\nok count=1 matched=1\n"
      case let line where line.hasPrefix("topics"): "topic=\u{1b}[2Jt subscribers=1 watchers=0\nok count=1 matched=1\n"
      case let line where line.hasPrefix("connection "): "topic=\u{1b}[2Jt presence=false\nok\n"
      default: line.isEmpty ? "" : "error: \u{1b}c\n"
      }
    }
    let terminal = try PseudoTerminal(
      ["top", "--admin", fake.path, "-d", "100ms"], environment: hasColor ? [:] : ["NO_COLOR": "1"])
    try terminal.waitForFrame("the client") {
      $0.contains { $0.contains("red") } && $0.contains { $0.contains("title") }
    }
    if hasColor { try eventually("there is a color") { terminal.text.contains("\u{1b}[36m") } }
    terminal.type("q")
    #expect(try terminal.end() == 0)
    for sequence in ["\u{1b}[31mred", "\u{1b}]", "\u{7}", "\u{9b}", "\u{1b}[2Jt", "\u{1b}c"] {
      #expect(!terminal.text.contains(sequence))
    }
    #expect(terminal.text.contains("\u{1b}[36m") == hasColor)
    #expect(terminal.text.contains("\\u{1b}[31mred"))
    let batch = try ToolProcess.run(["top", "--admin", fake.path, "-b", "-n", "1", "-d", "100ms"])
    #expect(batch.status == 0 && !batch.text.contains("\u{1b}"))
  }
}
