// Logins that fail: their lines, and what becomes of the addresses they come from.

import Foundation
import TLSHarness
import Testing

/// Debian's fail2ban brings it.
private let fail2banRegex = "/usr/bin/fail2ban-regex"

@Suite("Failed logins on the wire")
struct FailedLoginTests {
  private static let packaging = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("packaging/fail2ban")

  /// Tries to log in, and expects to be refused.
  private func fail(_ server: ServerProcess, _ login: String) throws {
    let client = try server.connect()
    client.send("LOGIN \(login)\n")
    #expect(try client.line().hasPrefix("401"))
  }

  /// Connects, and says whether it was let in.
  private func isLetIn(_ server: ServerProcess) throws -> Bool {
    let client = try server.connect()
    client.send("LOGIN a open\n")
    // The answer, or the end.
    client.fill(TestClient.patience)
    return String(decoding: client.readAll(quietFor: 0), as: UTF8.self) == "200\n"
  }

  @Test("Each failure is a warning with peer, identifier, scheme and reason, and without the credential")
  func lines() throws {
    let file = try TemporaryFile("correct-horse")
    let server = try ServerProcess(
      ["--secret-file", file.path + "?short"], listen: "tcp://127.0.0.1:0?auth=secret", level: "notice")
    for (login, text) in [
      ("gateway/7 secret battery-staple", "id=gateway/7 scheme=secret reason=wrong-secret"),
      ("peer=1.2.3.4:5 open battery-staple", "id=peer=1.2.3.4:5 scheme=open reason=scheme-not-offered"),
      ("a magic=1 battery-staple", "id=a scheme=magic=1 reason=scheme-not-offered"),
    ] {
      try fail(server, login)
      let line = try server.waitForLog(text)
      #expect(line.contains(/warning login failed peer=127\.0\.0\.1:\d+ id=/))
      #expect(line.hasSuffix(text))
    }
    #expect(!server.logLines.contains { $0.contains("battery") })
    #expect(try server.report()["failed-logins"] == 3)
  }

  @Test("What a certificate does not prove, and a name that one has proved, are refused with that reason")
  func certificates() throws {
    let server = try TLSServer(["--open"])
    let pump = try server.login("pump")
    let other = try server.connect(try server.authority.device("valve"))
    other.send("LOGIN tank cert\n")
    #expect(try other.line() == "401 cert open\n")
    try server.process.waitForLog(" id=tank scheme=cert reason=name-not-proven")
    let bare = try server.connect()
    bare.send("LOGIN bare cert\n")
    #expect(try bare.line() == "401 cert open\n")
    try server.process.waitForLog(" id=bare scheme=cert reason=no-certificate")
    let open = try server.connect()
    open.send("LOGIN pump open\n")
    #expect(try open.line() == "401 cert open\n")
    try server.process.waitForLog(" id=pump scheme=open reason=name-held")
    pump.expectQuiet()
  }

  @Test("A subject that holds what looks like log lines forges none")
  func forgedSubject() throws {
    let server = try TLSServer()
    let name = "x\" id=y\n2026-01-01T00:00:00.000Z warning login failed peer=10.9.8.7:1 id=- scheme=a reason=b"
    let stranger = try TestCertificate.authority("Somebody's CA")
    let client = try TLSClient(
      port: try server.process.port(of: "tls"), authority: server.authority,
      certificate: try stranger.device(String(name.prefix(64))))
    client.expectRefusal("alert")
    let line = try server.process.waitForLog("reason=certificate ")
    // OpenSSL escapes what it takes for special, and then the log does, so that both can be undone.
    #expect(line.contains(#" subject="CN=x\\\" id=y\\0A2026-01-01T"#))
    #expect(line.hasSuffix(#"" because="unable to get local issuer certificate""#))
    #expect(!server.process.logLines.contains { $0.hasPrefix("2026-01-01") })
  }

  @Test("Failures are logged twenty at once and then five a second, and the next line says how many were not")
  func bounded() throws {
    let server = try ServerProcess(["--open", "--max-failed-logins", "0"], listen: "tcp://127.0.0.1:0?auth=open")
    let start = Date()
    for number in 0..<300 { try fail(server, "a\(number) secret x") }
    let lines = server.logLines.filter { $0.contains(" login failed ") }
    // Seconds are whole ones.
    #expect(lines.count <= 20 + 5 * Int(Date().timeIntervalSince(start) + 1))
    #expect(lines.count >= 20)
    #expect(try server.report()["failed-logins"] == 300)
    try eventually("a line says how many were not logged") {
      try fail(server, "later secret x")
      return server.logLines.contains { $0.contains(" login failed ") && $0.contains(" unlogged=") }
    }
  }

  @Test(
    "An address with too many failures is let in at a trickle, its other connections stay, and unix sockets are exempt")
  func throttled() throws {
    let path = TemporaryFile.newPath()
    let server = try ServerProcess(["--open", "--max-failed-logins", "5", "--listen", "unix:\(path)"])
    let before = try server.login("before")
    for _ in 0..<5 { try fail(server, "a secret x") }
    // A second may have passed between any two of them.
    let start = Date()
    let accepted = try server.report()["accepted", default: 0]
    // Nothing is said, so that nothing succeeds.
    let silent = try (0..<50).map { _ in try server.connect() }
    var report: [String: Int] = [:]
    try eventually("all are let in or refused") {
      report = try server.report()
      return report["accepted", default: 0] - accepted + report["login-throttled", default: 0] == silent.count
    }
    let letIn = report["accepted", default: 0] - accepted
    #expect(letIn <= 2 + Int(Date().timeIntervalSince(start)), "\(letIn) were let in")
    let line = try server.waitForLog("refuse reason=login-throttled")
    #expect(line.contains(" warning ") && line.contains(" peer=127.0.0.1 count="))
    before.expectQuiet()
    for number in 0..<3 {
      let local = try TestClient(path: path)
      local.send("LOGIN local\(number) open\n")
      local.expect("200\n")
    }
  }

  @Test("Where there is a secret to guess, a login without one does not open the way")
  func unproven() throws {
    let file = try TemporaryFile("correct-horse")
    let server = try ServerProcess(
      ["--secret-file", file.path + "?short", "--max-failed-logins", "5"], listen: "tcp://127.0.0.1:0?auth=secret,open")
    var refused = 0
    for number in 0..<100 {
      for login in ["LOGIN . open\n", "LOGIN a secret guess\(number)\n"] {
        let client = try server.connect()
        client.send(login)
        if client.readAll(quietFor: 100).isEmpty { refused += 1 }
      }
      if refused > 3 { break }
    }
    #expect(refused > 3)
  }

  @Test("A login that succeeds opens a throttled address")
  func opened() throws {
    let server = try ServerProcess(["--open", "--max-failed-logins", "5"])
    for _ in 0..<5 { try fail(server, "a secret x") }
    try eventually("one of the trickle comes in") { try isLetIn(server) }
    // One failure would close it again.
    for _ in 0..<10 { #expect(try isLetIn(server)) }
  }

  @Test("Certificates that are refused throttle, too")
  func refusedCertificates() throws {
    let server = try TLSServer(["--max-failed-logins", "2"])
    let stranger = try TestCertificate.authority("Somebody's CA").device("pump")
    for _ in 0..<2 {
      let client = try TLSClient(
        port: try server.process.port(of: "tls"), authority: server.authority, certificate: stranger)
      client.expectRefusal("unknown ca")
    }
    for _ in 0..<3 { _ = try TestClient(port: try server.process.port(of: "tls")) }
    try server.process.waitForLog("refuse reason=login-throttled")
  }

  @Test(
    "The filter for fail2ban finds each failed login's address, and no other",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: fail2banRegex), "fail2ban-regex is not installed (fail2ban)"))
  func fail2ban() throws {
    let server = try ServerProcess(["--open"], listen: "tcp://[::]:0")
    try fail(server, "a secret x")
    try fail(server, "peer=10.9.8.7:1 secret x")
    let ipv6 = try TestClient(ipv6Port: server.port)
    ipv6.send("LOGIN a secret x\n")
    _ = try ipv6.line()
    try server.login("good").expectQuiet()
    try eventually("all are logged") { server.logLines.count { $0.contains(" login failed ") } == 3 }
    let forged = [
      "2026-11-21T06:06:34.123Z warning login failed peer=203.0.113.9:1234 id=- scheme=cert reason=certificate "
        + "subject=\"CN=warning login failed peer=10.9.8.7:1 id=- scheme=a reason=b\" because=\"x\"",
      "2026-11-21T06:06:34.123Z warning login failed peer=unix id=a scheme=secret reason=wrong-secret",
      "2026-11-21T06:06:34.123Z info close reason=certificate-refused id=- peer=10.9.8.7:1 seconds=0 requests=0 "
        + "because=\"warning login failed peer=10.9.8.7:1 id=- scheme=a reason=b\"",
    ]
    let file = try TemporaryFile((server.logLines + forged).joined(separator: "\n") + "\n")
    let filter = Self.packaging.appendingPathComponent("filter.d/ssmpd.conf").path
    let found = try runToEnd(["-o", "<ip>", file.path, filter], URL(fileURLWithPath: fail2banRegex))
    #expect(found.output.split(separator: "\n") == ["127.0.0.1", "127.0.0.1", "::1", "203.0.113.9"])
    let journal =
      "Nov 21 06:06:34 host ssmpd[12]: login failed peer=203.0.113.8:1 id=a scheme=secret reason=wrong-secret"
    let one = try runToEnd(["-o", "<ip>", journal, filter], URL(fileURLWithPath: fail2banRegex))
    #expect(one.output == "203.0.113.8\n")
  }
}
