// What the server logs about its connections, and what it never does.

import Foundation
import Testing

/// A server whose log nobody reads, on a unix socket.
///
/// - Parameter isOther: true for a server that runs as another user than this one, where that is possible.
private func serve(
  _ redirection: String, limit: String = "", asOther isOther: Bool = false, _ body: (pid_t, String) throws -> Void
) throws {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = [
    "-c",
    limit + (isOther && geteuid() == 0 ? "exec setpriv --reuid 65534 --regid 65534 --clear-groups" : "exec")
      + " \"$0\" --listen unix:\(path) --open --log-level debug \(redirection)",
    ServerProcess.binary.path,
  ]
  try process.run()
  defer {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    unlink(path)
  }
  // The path is there before the socket listens; 00010000 is how the kernel marks one that does.
  try eventually("the server listens") {
    // Not `String(contentsOfFile:)`, which takes the first 4 KiB of such a file for all of it.
    let file = try #require(FileHandle(forReadingAtPath: "/proc/net/unix"))
    let sockets = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    return sockets.split(separator: "\n").contains { $0.hasSuffix(path) && $0.contains(" 00010000 ") }
  }
  try body(process.processIdentifier, path)
}

@Suite("Log that nobody reads")
struct UnreadLogTests {
  @Test("Without standard error its number is taken by no socket, which would get the log")
  func closed() throws {
    try serve("0<&- 1>&- 2>&-") { pid, path in
      let client = try TestClient(path: path)
      client.send("LOGIN a open\nPING\n")
      client.expect("200\n000 . PONG\n")
      for descriptor in 0...2 {
        #expect(
          try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(descriptor)") == "/dev/null")
      }
    }
  }

  @Test("A pipe that nobody reads from does not stop the server")
  func fullPipe() throws {
    let fifo = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
    try #require(mkfifo(fifo, 0o600) == 0)
    defer { unlink(fifo) }
    let reader = open(fifo, O_RDWR)
    defer { close(reader) }
    try serve("2>\(fifo)") { _, path in
      for number in 0..<1500 {
        let client = try TestClient(path: path)
        client.send("LOGIN a\(number) open\nCLOSE\n")
        client.expect("200\n200\n")
      }
    }
  }
}

/// Something to be standard error that the server cannot open anew: it is this user's, and the server another's; or, where
/// this user is nobody in particular, nobody may open it any more.
private final class Forbidden {
  let path: String
  /// Reads what is written.
  let reader: Int32

  /// A terminal, or a FIFO.
  init(terminal: Bool) throws {
    if terminal {
      reader = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var isLocked: Int32 = 0
      var number: Int32 = -1
      // TIOCSPTLCK and TIOCGPTN.
      let isThere = ioctl(reader, 0x4004_5431, &isLocked) == 0 && ioctl(reader, 0x8004_5430, &number) == 0
      path = "/dev/pts/\(number)"
      try #require(isThere, "no terminal: \(errno)")
    } else {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
      try #require(mkfifo(path, 0o600) == 0)
      reader = open(path, O_RDWR)
    }
    _ = fcntl(reader, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(reader)
    if !path.hasPrefix("/dev/") { unlink(path) }
  }

  /// What a shell does to have it as standard error, and to shut it behind itself.
  var prelude: String { "exec 2>\(path); chmod 0 \(path); " }

  /// What has come.
  func read() -> String {
    var text = ""
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(reader, &piece, piece.count), count > 0 {
      // A terminal makes CR LF of what ends a line.
      text += String(decoding: piece[..<count].filter { $0 != 13 }, as: UTF8.self)
    }
    return text
  }
}

@Suite("Log whose reader has stopped, and that the server cannot open anew")
struct StoppedLogTests {
  private func visit(_ path: String, _ id: String) throws {
    let client = try TestClient(path: path)
    client.send("LOGIN \(id) open\nCLOSE\n")
    guard client.expect("200\n200\n") else { throw TestFailure("\(id) was not served") }
  }

  /// Has a server write more than anybody takes.
  private func overflow(terminal: Bool, _ body: (pid_t, String, Forbidden) throws -> Void) throws {
    let output = try Forbidden(terminal: terminal)
    try serve("", limit: output.prelude, asOther: true) { pid, path in
      for number in 0..<2500 { try visit(path, "a\(number)") }
      try body(pid, path, output)
    }
  }

  @Test("Everybody is served, what is lost is counted, and said when there is room again", arguments: [false, true])
  func losses(terminal: Bool) throws {
    try overflow(terminal: terminal) { _, _, output in
      var text = ""
      // Without anything else to be logged.
      try eventually("the loss is logged") {
        text += output.read()
        return text.contains(" warning log lost=")
      }
      let lines = text.split(separator: "\n")
      let lost = lines.filter { $0.contains(" warning log lost=") }
        .compactMap { Int($0.split(separator: "=").last ?? "") }.reduce(0, +)
      #expect(lost > 500)
      // No line is cut, wherever the room has ended.
      for line in lines {
        #expect(line.hasPrefix("20") && (line.contains("=") || line.contains(" server ")), "\(line)")
      }
    }
  }

  @Test("SIGINT ends the server", arguments: [false, true])
  func end(terminal: Bool) throws {
    try overflow(terminal: terminal) { pid, _, _ in
      kill(pid, SIGINT)
      try eventually("it has ended") { try Self.hasEnded(pid) }
    }
  }

  @Test("A terminal that is stopped (^S) stops nobody")
  func stopped() throws {
    let output = try Forbidden(terminal: true)
    let slave = open(output.path, O_RDWR | O_NOCTTY)
    defer { close(slave) }
    try serve("", limit: output.prelude, asOther: true) { pid, path in
      try visit(path, "first")
      try eventually("it is logged") { output.read().contains("id=first") }
      #expect(tcflow(slave, TCOOFF) == 0)
      for number in 0..<100 { try visit(path, "a\(number)") }
      #expect(tcflow(slave, TCOON) == 0)
      var text = ""
      try eventually("all of it is logged") {
        text += output.read()
        return text.contains("close reason=close-request id=a99 ")
      }
      for number in 0..<100 { #expect(text.contains("login id=a\(number) ")) }
      #expect(tcflow(slave, TCOOFF) == 0)
      for number in 0..<100 { try visit(path, "b\(number)") }
      kill(pid, SIGINT)
      try eventually("it has ended") { try Self.hasEnded(pid) }
    }
  }

  /// True when a child has ended, which nobody has waited for yet.
  private static func hasEnded(_ pid: pid_t) throws -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return true }
    return status.contains("State:\tZ")
  }
}

@Suite("Log that cannot be written")
struct UnwritableLogTests {
  @Test("A device that is full does not stop the server")
  func fullDevice() throws {
    try serve("2>/dev/full") { _, path in
      for number in 0..<20 {
        let client = try TestClient(path: path)
        client.send("LOGIN a\(number) open\nCLOSE\n")
        client.expect("200\n200\n")
      }
    }
  }

  @Test(
    "A log file that must not grow further does not stop the server",
    .disabled(if: ServerProcess.isSanitized, "a sanitizer keeps its memory in files, which must not grow either"))
  func fullFile() throws {
    let file = try TemporaryFile("")
    try serve("2>\(file.path)", limit: "ulimit -f 1; ") { _, path in
      for number in 0..<200 {
        let client = try TestClient(path: path)
        client.send("LOGIN a\(number) open\nCLOSE\n")
        client.expect("200\n200\n")
      }
    }
    #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0 > 0)
  }

  @Test("Lines that did not fit into a pipe are counted, and the next one that fits says how many")
  func lost() throws {
    let fifo = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
    try #require(mkfifo(fifo, 0o600) == 0)
    defer { unlink(fifo) }
    let reader = open(fifo, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    try serve("2>\(fifo)") { _, path in
      func visit(_ id: String) throws {
        let client = try TestClient(path: path)
        client.send("LOGIN \(id) open\nCLOSE\n")
        client.expect("200\n200\n")
      }
      for number in 0..<1500 { try visit("a\(number)") }
      var text = ""
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      func drain() {
        while case let count = read(reader, &piece, piece.count), count > 0 {
          text += String(decoding: piece[..<count], as: UTF8.self)
        }
      }
      drain()
      try visit("last")
      try eventually("the loss is logged") {
        drain()
        return text.contains(" close reason=close-request id=last ")
      }
      let losses = text.split(separator: "\n").filter { $0.contains(" warning log lost=") }
      let lost = losses.compactMap { Int($0.split(separator: "=").last ?? "") }.reduce(0, +)
      let written = text.split(separator: "\n").count { $0.contains(" id=a") }
      // Of each visitor there is a line that it was let in, one of its login, and one of its end.
      #expect(lost > 500 && lost + written <= 3 * 1500 && losses.count >= 1)
      #expect(lost + text.split(separator: "\n").count - losses.count >= 3 * 1500)
    }
  }
}

@Suite("Log")
struct LogTests {
  @Test("A login and the end of a connection are logged with identifier, scheme, reason and peer")
  func loginAndClose() throws {
    let server = try ServerProcess()
    let client = try server.login("gateway/7")
    let login = try server.waitForLog(" login ")
    #expect(login.contains(" info login id=gateway/7 scheme=open peer=127.0.0.1:"))
    client.send("CLOSE\n")
    client.expect("200\n")
    client.expectEnd()
    let close = try server.waitForLog(" close ")
    #expect(close.contains(" info close reason=close-request id=gateway/7 peer=127.0.0.1:"))
    // LOGIN and CLOSE, and a reply to each.
    #expect(close.contains(" seconds=") && close.hasSuffix(" requests=2 bytes-in=27 bytes-out=8"))
  }

  @Test("Each way in which a connection ends is logged under a reason of its own")
  func reasons() throws {
    let server = try ServerProcess()
    for (text, reason) in [("!", "bad-request"), ("PING\n", "login-expected"), ("LOGIN a cert\n", "unauthorized")] {
      let client = try server.connect()
      client.send(text)
      _ = client.readAll()
      try server.waitForLog("close reason=\(reason) id=- ")
    }
    let first = try server.login("a")
    let second = try server.login("a")
    first.expectEnd()
    try server.waitForLog("close reason=displaced id=a ")
    second.endOutput()
    second.expectEnd()
    try server.waitForLog("close reason=peer-closed id=a ")
    let third = try server.login("b")
    third.reset()
    try server.waitForLog("close reason=connection-lost id=b ")
  }

  @Test(
    "What is answered with 400 is logged with its verb, the place and the byte, and what was expected",
    arguments: [
      ("!", "bad-request", "verb=- at=0 byte=0x21 expected=\"a verb in capital letters\""),
      (
        "LOGIN a open\nUCAST b \n", "bad-request", "verb=UCAST at=8 byte=0x0a expected=\"a payload of at least 1 byte\""
      ),
      (
        "LOGIN a open\nPING\nSUBSCRIBE t PRESENT\n", "bad-request",
        "verb=SUBSCRIBE at=18 byte=0x54 expected=\"PRESENCE\""
      ),
      (
        "LOGIN a open\nHUNTER2\n", "bad-request",
        "verb=unknown at=6 byte=0x32 expected=\"a space or the end of the line\""
      ),
      ("PING\n", "login-expected", "verb=PING at=0 byte=- expected=\"LOGIN, as the first request\""),
      ("LOGIN a\n", "bad-request", "verb=LOGIN at=7 byte=0x0a expected=\"a space and a scheme\""),
    ])
  func faults(sent: String, reason: String, fault: String) throws {
    let server = try ServerProcess()
    let client = try server.connect()
    client.send(sent)
    #expect(String(decoding: client.readAll(), as: UTF8.self).hasSuffix("400\n"))
    #expect(try server.waitForLog("close reason=\(reason) ").hasSuffix(" \(fault)"))
    // What ends for something else says nothing of what follows.
    let other = try server.connect()
    other.send("LOGIN z open\nCLOSE\n!")
    other.expect("200\n200\n")
    other.expectEnd()
    #expect(try !server.waitForLog("close reason=close-request id=z ").contains("expected="))
  }

  @Test("Who connects and goes without a request, as a port scan does, is logged for debugging only")
  func portScan() throws {
    let server = try ServerProcess(level: "debug")
    for text in ["", "LOGIN a"] {
      let client = try server.connect()
      client.send(text)
      client.endOutput()
      client.expectEnd()
    }
    try server.connect().reset()
    try eventually("all are gone") { try server.report()["connections"] == 0 }
    let lines = server.logLines.filter { $0.contains(" close reason=") }
    #expect(lines.count == 3)
    for line in lines { #expect(line.contains(" debug close ") && line.contains(" requests=0 ")) }
  }

  @Test("What a displaced client had still to be sent counts in its close line")
  func displacedCounts() throws {
    let server = try ServerProcess()
    let first = try server.login("a")
    let second = try server.login("a")
    first.expectEnd()
    let line = try server.waitForLog("close reason=displaced id=a ")
    #expect(line.hasSuffix(" requests=1 bytes-in=13 bytes-out=4"))
    second.expectQuiet()
  }

  @Test("The secret is never logged, not at debug level either, whether a login succeeds or not")
  func secretIsNotLogged() throws {
    let file = try TemporaryFile("tr0ub4dor\n")
    let server = try ServerProcess(["--secret-file", file.path + "?short"], level: "debug")
    for credential in ["tr0ub4dor", "tr0ub4dor-and-more"] {
      let client = try server.connect()
      client.send("LOGIN a secret \(credential)\n")
      _ = try client.line()
      client.endOutput()
      _ = client.readAll()
    }
    try server.waitForLog("reason=unauthorized")
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload secret-file=ok")
    _ = try server.report()
    #expect(server.stop() == 0)
    #expect(!server.logLines.contains { $0.contains("tr0ub4dor") })
    #expect(server.logLines.contains { $0.contains("login id=a scheme=secret") })
  }

  @Test("SIGUSR1 logs a summary whose figures are right")
  func report() throws {
    let server = try ServerProcess()
    let a = try server.login("a")
    let b = try server.login("b")
    let anonymous = try server.login(".")
    b.send("SUBSCRIBE t\n")
    b.expect("200\n")
    anonymous.send("MCAST t hello\n")
    anonymous.expect("200\n")
    b.expect("000 . MCAST t hello\n")
    a.send("UCAST nobody hello\n")
    a.expect("404\n")
    let figures = try server.report()
    let wanted = [
      "connections": 3, "logged-in": 3, "anonymous": 1, "topics": 1, "subscriptions": 1, "accepted": 3, "logins": 3,
      "events": 1, "login": 3, "subscribe": 1, "mcast": 1, "ucast": 1, "200": 5, "404": 1, "close-request": 0,
    ]
    for (name, value) in wanted { #expect(figures[name] == value, "\(name)") }
  }
}
