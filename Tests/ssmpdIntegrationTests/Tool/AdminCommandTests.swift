// ssmp admin against the real server.

import Foundation
import Testing

@Suite("ssmp admin")
struct AdminCommandTests {
  /// Runs `ssmp admin` for a server.
  private func admin(
    _ server: AdminServerProcess, _ arguments: [String]
  ) throws -> (status: Int32, text: String, errors: String) {
    try ToolProcess.run(["admin", "--admin", server.path] + arguments)
  }

  /// The answer of a command in JSON.
  private func json(_ server: AdminServerProcess, _ arguments: [String]) throws -> [String: Any] {
    let result = try admin(server, ["--json"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(result.text.utf8))
    return try #require(value as? [String: Any], "\(result.text)")
  }

  /// The lines of a command in columns, their words.
  private func table(_ server: AdminServerProcess, _ arguments: [String]) throws -> [[String]] {
    let result = try admin(server, ["--table"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return result.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// A server with two clients that share a topic.
  private func servedClients() throws -> (AdminServerProcess, [TestClient]) {
    let server = try AdminServerProcess()
    let clients = try ["12", "pump/1"].map { try server.process.login($0) }
    for client in clients {
      client.send("SUBSCRIBE alarms\n")
      client.expect("200\n")
    }
    return (server, clients)
  }

  @Test("Without a command, or with help, the commands are listed, also without a server")
  func help() throws {
    for arguments in [["admin"], ["admin", "help"]] {
      let result = try ToolProcess.run(arguments)
      #expect(result.status == 0)
      for name in [
        "stats", "connections", "connection", "topics", "topic", "close", "log-level", "tap", "reload", "drain",
        "health",
      ] { #expect(result.text.contains("  \(name)"), "\(name)") }
    }
    let text = try ToolProcess.run(["admin", "--json", "help"]).text
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [[String: String]]]
    #expect(value?["commands"]?.contains { $0["command"] == "close ID" } == true)
  }

  @Test("Every command of the server's help is in that of ssmp")
  func everyCommand() throws {
    let server = try AdminServerProcess()
    let help = try ToolProcess.run(["admin"]).text
    let lines = try server.ask("help").filter { $0.hasPrefix("command=") }
    #expect(lines.count >= 11)
    for line in lines {
      let usage = try #require(line.split(separator: "\"").dropFirst().first)
      #expect(help.contains("  \(usage)  "), "\(usage)")
    }
  }

  @Test("connections: columns, JSON, the server's lines; sorted and limited")
  func connections() throws {
    let (server, clients) = try servedClients()
    let table = try table(server, ["connections", "sort=id"])
    #expect(table.first?.prefix(4) == ["CONN", "ID", "PEER", "STATE"])
    #expect(table.dropFirst().map { $0[1] } == ["12", "pump/1"])
    let object = try json(server, ["connections", "sort=id", "limit=1"])
    #expect(object["count"] as? Int == 1 && object["matched"] as? Int == 2)
    let first = try #require((object["connections"] as? [[String: Any]])?.first)
    #expect(first["id"] as? String == "12")
    #expect(first["subscriptions"] as? Int == 1)
    #expect(try self.table(server, ["connections", "sort=id", "limit=1"]).last == ["1", "of", "2"])
    // A pipe gets what the server says, without the last line.
    let raw = try admin(server, ["connections", "pump/"])
    let asked = try server.ask("connections pump/")
    #expect(raw.text.hasPrefix("conn=#0.") && raw.text.split(separator: "\n").count == asked.count - 1)
    #expect(try admin(server, ["--table", "connections", "nobody"]).text == "none\n")
    withExtendedLifetime(clients) {}
  }

  @Test("connection, topics and topic")
  func details() throws {
    let (server, clients) = try servedClients()
    let details = try json(server, ["connection", "12"])
    #expect(details["id"] as? String == "12" && details["held"] as? Bool == false)
    #expect((details["topics"] as? [[String: Any]])?.first?["topic"] as? String == "alarms")
    #expect(try table(server, ["connection", "12"]).suffix(2) == [["TOPIC", "PRESENCE"], ["alarms", "false"]])
    #expect(
      try table(server, ["topics"]) == [["TOPIC", "SUBSCRIBERS", "WATCHERS"], ["alarms", "2", "0"]])
    #expect((try json(server, ["topics"])["topics"] as? [[String: Any]])?.first?["subscribers"] as? Int == 2)
    let topic = try json(server, ["topic", "alarms"])
    #expect(topic["subscribers"] as? Int == 2 && topic["count"] as? Int == 2)
    #expect(Set((topic["members"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }) == ["12", "pump/1"])
    #expect(try table(server, ["topic", "alarms"])[1] == ["ID", "PRESENCE", "LOOP"])
    withExtendedLifetime(clients) {}
  }

  @Test("stats and metrics")
  func stats() throws {
    let (server, clients) = try servedClients()
    let object = try json(server, ["stats"])
    #expect((object["connections"] as? [String: Any])?["topics"] as? Int == 1)
    #expect((object["metrics"] as? [String: Any])?["ssmpd_topics"] as? Int == 1)
    let table = try table(server, ["stats"])
    #expect(table.contains { $0.starts(with: ["LOOP", "STUCK"]) })
    #expect(table.contains { $0.starts(with: ["connections", "2", "logged-in", "2"]) })
    #expect(try admin(server, ["stats"]).text.contains("\nconnections=2 logged-in=2 "))
    #expect(AdminServerProcess.samples(in: try admin(server, ["metrics"]).text)["ssmpd_subscriptions"] == 2)
    withExtendedLifetime(clients) {}
  }

  @Test("close, log-level and drain do what they say; errors of the server are 1")
  func changes() throws {
    let (server, clients) = try servedClients()
    #expect(try json(server, ["close", "12"])["closed"] as? Bool == true)
    clients[0].expectEnd()
    #expect(try table(server, ["close", "pump/1"]).first?.suffix(2) == ["closed", "true"])
    clients[1].expectEnd()
    let missing = try admin(server, ["close", "12"])
    #expect(missing.status == 1 && missing.text == "" && missing.errors == "ssmp: nobody is logged in as '12'\n")
    #expect(try json(server, ["log-level", "debug"])["log-level"] as? String == "debug")
    #expect(try table(server, ["log-level", "info"]) == [["log-level", "info"]])
    for wrong in [["log-level", "loud"], ["connections", "sort=x"], ["connection"], ["nonsense", "x"]] {
      #expect(try admin(server, wrong).status == 1, "\(wrong)")
      #expect(try admin(server, ["--json"] + wrong).text == "", "\(wrong)")
    }
    #expect(try admin(server, ["drain"]) == (0, "", ""))
    try eventually("the server has ended") { !server.process.process.isRunning }
  }

  @Test("Words that are more than one, and options that there are not, are 2")
  func usage() throws {
    for arguments in [["close", "a b"], ["close", "a\ndrain"], ["--nonsense"], ["close", ""]] {
      #expect(try ToolProcess.run(["admin", "--admin", "/nonexistent"] + arguments).status == 2, "\(arguments)")
    }
    let long = String(repeating: "x", count: 200)
    #expect(try ToolProcess.run(["admin", "--admin", "/\(long)", "stats"]).status == 2)
  }

  @Test("A reload that fails is 1 with its reason, one that succeeds 0; health tells of it and stays 0")
  func reload() throws {
    let file = try TemporaryFile("old secret, old secret\n")
    let server = try AdminServerProcess(["--secret-file", file.path])
    #expect(try admin(server, ["reload"]) == (0, "secret-file=ok\n", ""))
    #expect(try admin(server, ["health"]) == (0, "ok\n", ""))
    try file.write([])
    let failed = try admin(server, ["reload"])
    #expect(failed.status == 1 && failed.text == "")
    #expect(failed.errors.hasPrefix("ssmp: reload failed: --secret-file: '\(file.path)' is empty"), "\(failed.errors)")
    let health = try admin(server, ["health"])
    #expect(health.status == 0 && health.text.hasPrefix("ok\nreload=failed seconds="))
    let object = try json(server, ["health"])
    #expect(object["healthy"] as? Bool == true)
    #expect((object["lines"] as? [[String: Any]])?.first?["reload"] as? String == "failed")
    try file.write(Array("new secret, new secret\n".utf8))
    #expect(try json(server, ["reload"])["secret-file"] as? String == "ok")
  }

  @Test("A server that is not there is 3")
  func absent() throws {
    for command in ["health", "stats", "metrics", "reload", "tap"] {
      let result = try ToolProcess.run(
        ["admin", "--admin", "/nonexistent", command, "x"].dropLast(command == "tap" ? 0 : 1))
      #expect(result.status == 3 && result.text == "", "\(command)")
      #expect(result.errors == "ssmp: no server answers at '/nonexistent': No such file or directory\n")
    }
    // A socket that nobody listens on any more.
    let server = try AdminServerProcess()
    kill(server.process.process.processIdentifier, SIGKILL)
    try eventually("the server has ended") { !server.process.process.isRunning }
    #expect(try admin(server, ["health"]).status == 3)
  }

  @Test("A stuck loop is 1, a process that stands still 3, or 124 with -W")
  func stuck() throws {
    let server = try AdminServerProcess(["--open", "--loops", "2"])
    let process = server.process.process.processIdentifier
    // Then all loops have begun.
    #expect(try admin(server, ["health"]).status == 0)
    let stopped = try StoppedThread(of: process, named: "ssmpd/loop1")
    let ill = try admin(server, ["health"])
    #expect(ill.status == 1 && ill.text == "loop=1 stuck=true\n", "\(ill)")
    let object = try ToolProcess.run(["admin", "--admin", server.path, "--json", "health"])
    #expect(object.status == 1 && object.text == "{\"healthy\":false,\"lines\":[{\"loop\":1,\"stuck\":true}]}\n")
    stopped.resume()
    try eventually("the loop has gone on") { try admin(server, ["health"]).status == 0 }
    kill(process, SIGSTOP)
    #expect(try ToolProcess.run(["-W", "200ms", "admin", "--admin", server.path, "health"]).status == 124)
    let still = try admin(server, ["health"])
    #expect(still.status == 3 && still.errors.contains("does not answer within 5s"), "\(still)")
    kill(process, SIGCONT)
    #expect(try admin(server, ["health"]).status == 0)
  }

  @Test("A context with an error is nothing to a health check")
  func context() throws {
    let server = try AdminServerProcess()
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    let folder = home.appendingPathComponent(".config/ssmp")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    try Data("nonsense\n".utf8).write(to: folder.appendingPathComponent("default"))
    #expect(try ToolProcess.run(["who", "t"], home: home.path).status == 2)
    #expect(try ToolProcess.run(["admin", "--admin", server.path, "health"], home: home.path).status == 0)
  }

  @Test("A connection that is closed in the middle of an answer is 5")
  func lost() throws {
    let fake = try FakeAdmin { _ in "a=1\nb=" }
    let closing = try FakeAdmin { _ in nil }
    #expect(try ToolProcess.run(["admin", "--admin", closing.path, "stats"]).status == 5)
    #expect(try ToolProcess.run(["admin", "--admin", closing.path, "health"]).status == 5)
    #expect(try ToolProcess.run(["-W", "200ms", "admin", "--admin", fake.path, "stats"]).status == 124)
  }

  @Test(
    "tap shows messages as they come, in every form, until so many have come",
    arguments: ["--raw", "--json", "--table"])
  func tap(form: String) throws {
    let (server, clients) = try servedClients()
    let tool = try ToolProcess(["admin", "--admin", server.path, form, "tap", "12", "payload", "-n", "3"])
    try tool.waitForOutput("\n")
    clients[1].send("UCAST 12 hello\n")
    clients[1].expect("200\n")
    try tool.waitForOutput("hello")
    clients[0].send("PING\n")
    #expect(try tool.end() == 0)
    let lines = tool.text.split(separator: "\n").map(String.init)
    #expect(lines.count == 4, "\(lines)")
    switch form {
    case "--raw": #expect(lines[1].hasSuffix(" dir=out line=\"000 pump/1 UCAST 12\" payload=\"hello\""))
    case "--table": #expect(lines[1].contains("Z out  000 pump/1 UCAST 12 payload=hello"))
    default:
      let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
      #expect(objects[0]?["id"] as? String == "12" && objects[1]?["payload"] as? String == "hello")
    }
  }

  @Test("A signal ends a tap, of which the server knows at once")
  func endOfTap() throws {
    let (server, clients) = try servedClients()
    let tool = try ToolProcess(["admin", "--admin", server.path, "tap", "12"])
    try tool.waitForOutput("\n")
    tool.signal(SIGINT)
    #expect(try tool.end() == 130)
    try eventually("the tap has ended") { try server.ask("connection 12")[1].contains(" tapped=false ") }
    withExtendedLifetime(clients) {}
  }

  @Test("On a terminal the answer is in columns, and nothing in it is a command for the terminal")
  func terminal() throws {
    let (server, clients) = try servedClients()
    let terminal = try PseudoTerminal(["admin", "--admin", server.path, "topics"])
    #expect(try terminal.end() == 0)
    try eventually("all is shown") { terminal.text.hasSuffix("0\r\n") }
    #expect(terminal.text.hasPrefix("TOPIC   SUBSCRIBERS  WATCHERS\r\nalarms            2         0\r\n"))
    let fake = try FakeAdmin { line in
      line.hasPrefix("GET")
        ? "HTTP/1.0 200 OK\r\n\r\nok\n\u{1b}[2J\n" : "a=\u{1b}[2J b=\"\\x1b]0;x\"\n\u{7}\nerror: \u{1b}c\n"
    }
    for arguments in [["topics"], ["--raw", "topics"], ["health"], ["tap", "x"], ["--raw", "tap", "x"]] {
      let terminal = try PseudoTerminal(["admin", "--admin", fake.path] + arguments)
      let status = try terminal.end()
      #expect(status == (arguments == ["health"] ? 0 : 1))
      try eventually("something is shown") { terminal.text.hasSuffix("\r\n") }
      #expect(!terminal.output.contains(0x1b) && !terminal.output.contains(7), "\(arguments): \(terminal.text)")
    }
    withExtendedLifetime(clients) {}
  }
}
