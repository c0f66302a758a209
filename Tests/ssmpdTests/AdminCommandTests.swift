// What an operator may say.

import Testing

@testable import ssmpd

@Suite("Admin command")
struct AdminCommandTests {
  private func fault(_ line: String) throws -> String {
    try #require(throws: AdminError.self) { try AdminCommand(line) }.description
  }

  @Test("Each command is read, with its operands, whatever the spaces between them")
  func commands() throws {
    let wanted: [(String, AdminCommand)] = [
      ("help", .help), ("stats", .stats), ("connections", .connections(.init())),
      ("connections  pump/ ", .connections(.init(prefix: "pump/"))),
      ("connections limit=20 pump/ sort=pending", .connections(.init(prefix: "pump/", order: .pending, limit: 20))),
      ("connection a", .connection("a")),
      ("connection #0.1.2", .connection("#0.1.2")), ("topics", .topics(.init())),
      ("topics a", .topics(.init(prefix: "a"))),
      ("topics sort=watchers", .topics(.init(order: .watchers))),
      ("topic a", .topic("a")), (" close a", .close("a")), ("log-level debug", .logLevel(.debug)),
      ("tap a", .tap("a", showsPayload: false)), ("tap a payload", .tap("a", showsPayload: true)),
      ("reload", .reload), ("drain", .drain), ("", .nothing), ("  ", .nothing),
      ("GET /metrics HTTP/1.1", .http("GET /metrics HTTP/1.1")), ("POST / HTTP/1.0", .http("POST / HTTP/1.0")),
    ]
    for (line, command) in wanted { #expect(try AdminCommand(line) == command, "\(line)") }
  }

  @Test("What is wrong is said in one line, with what would be accepted")
  func faults() throws {
    #expect(try fault("close") == "say close ID")
    #expect(try fault("close a b") == "say close ID")
    #expect(try fault("stats now") == "say stats")
    #expect(try fault("tap a loud") == "say tap ID [payload]")
    #expect(try fault("log-level loud") == "'loud' is not a level; say error, warning, notice, info or debug")
    #expect(try fault("log-level warn").hasPrefix("'warn' is not a level; did you mean warning? say error,"))
    for line in ["connections sort=", "connections sort=id sort=id", "connections limit=x", "topics limit=1 limit=2"] {
      #expect(try fault(line).contains("; give one "), "\(line)")
    }
    #expect(try fault("connections a b") == "say connections [PREFIX] [sort=KEY] [limit=N]")
    #expect(try fault("shutdown") == "'shutdown' is not a command; say help")
    #expect(try fault("STATS") == "'STATS' is not a command; say help")
    #expect(try fault("\u{1b}[2J") == "'\\u{1b}[2J' is not a command; say help")
  }

  @Test("help lists every command")
  func help() {
    for form in AdminCommand.forms {
      #expect(
        AdminCommand.helpLines.contains {
          $0.hasPrefix("command=\"\(form.usage)\" ") && $0.hasSuffix(" help=\"\(form.help)\"")
        })
    }
  }

  @Test("A connection without a name has a handle, which is read as it is written, and nothing else is")
  func handles() {
    let handle = ConnectionHandle(loop: 1, slot: 17, generation: 3)
    #expect("\(handle)" == "#1.17.3")
    #expect(ConnectionHandle("#1.17.3") == handle)
    for text in ["1.17.3", "#1.17", "#1.17.3.4", "#1.17.", "#1.-1.3", "#64.1.1", "#1.4294967296.1", "#", "#a.b.c"] {
      #expect(ConnectionHandle(text) == nil, "\(text)")
    }
  }
}

@Suite("HTTP for metrics")
struct HTTPRequestTests {
  @Test("A request line is read without its query")
  func requests() {
    #expect(HTTPRequest("GET /metrics HTTP/1.1")?.path == "/metrics")
    #expect(HTTPRequest("HEAD /metrics?a=b HTTP/1.0")?.path == "/metrics")
    #expect(HTTPRequest("HEAD /metrics?a=b HTTP/1.0")?.method == "HEAD")
    for line in ["", "GET /", "GET / HTTP/2.0", "GET metrics HTTP/1.1", " / HTTP/1.1", "GET  / HTTP/1.1", "stats"] {
      #expect(HTTPRequest(line) == nil, "\(line)")
    }
  }

  @Test("An answer counts its bytes, and to HEAD sends none of them")
  func responses() {
    let text = HTTPResponse(body: "ä\n").text
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
    #expect(text.contains("\r\nContent-Length: 3\r\n") && text.hasSuffix("\r\nConnection: close\r\n\r\nä\n"))
    let head = HTTPResponse(body: "ä\n", isHeadOnly: true).text
    #expect(head.contains("\r\nContent-Length: 3\r\n") && head.hasSuffix("close\r\n\r\n"))
    #expect(HTTPResponse(status: .notAllowed, body: "").text.contains("\r\nAllow: GET, HEAD\r\n"))
  }
}

@Suite("--metrics")
struct MetricsSettingTests {
  @Test("A loopback address is accepted, any other one only where it is meant")
  func addresses() throws {
    for text in ["tcp://127.0.0.1:9787", "tcp://[::1]:9787", "tcp://127.1.2.3:1", "tcp://0.0.0.0:1?public"] {
      #expect(try MetricsSetting(text).text == text)
    }
    let fault = #expect(throws: ConfigurationError.self) { try MetricsSetting("tcp://*:9787") }
    #expect(
      fault?.description
        == "--metrics: 'tcp://*:9787' can be reached from other machines, and everybody there may read "
        + "them; give a loopback address, or tcp://*:9787?public if that is meant")
    for text in ["", "tls://127.0.0.1:1", "unix:/a", "tcp://127.0.0.1:1?open"] {
      let fault = #expect(throws: ConfigurationError.self, "\(text)") { try MetricsSetting(text) }
      #expect(
        fault?.description.hasPrefix("--metrics: '\(text)' is not accepted; give tcp://ADDRESS:PORT")
          == true)
    }
    let bare = #expect(throws: ConfigurationError.self) { try MetricsSetting("127.0.0.1:9787") }
    #expect(
      bare?.description
        == "--metrics: '127.0.0.1:9787' is not accepted: it has no scheme; give tcp://127.0.0.1:9787")
  }

  @Test("The path of the admin socket has to fit into an address")
  func adminPath() throws {
    #expect(try Configuration(arguments: ["--admin", "/run/ssmpd/admin.sock"]).admin == "/run/ssmpd/admin.sock")
    for path in ["", String(repeating: "a", count: 108)] {
      let fault = #expect(throws: ConfigurationError.self) { try Configuration(arguments: ["--admin", path]) }
      #expect(fault?.description == "--admin: '\(path)' is not accepted; give a path of 1 to 107 bytes")
    }
  }
}
