// Settings that change while the server runs.

import Foundation
import TLSHarness
import Testing

@Suite("Reloading settings")
struct SettingsReloadTests {
  @Test("The limit on subscriptions changes for clients that are there, in both directions")
  func subscriptions() throws {
    let server = try ConfiguredServer("max-subscriptions 1\n")
    server.live.send("SUBSCRIBE a\nSUBSCRIBE b\n")
    server.live.expect("200\n405\n")
    #expect(try server.reload("max-subscriptions 2\n") == "notice reload config=ok changed=\"max-subscriptions\"")
    server.live.send("SUBSCRIBE b\nSUBSCRIBE c\n")
    server.live.expect("200\n405\n")
    try server.reload("max-subscriptions 1\n")
    // What there is stays.
    server.live.send("SUBSCRIBE c\nMCAST b x\nUNSUBSCRIBE a\nUNSUBSCRIBE b\nSUBSCRIBE c\n")
    server.live.expect("405\n200\n200\n200\n200\n")
    #expect(try server.reload("") == "notice reload config=ok changed=\"max-subscriptions\"")
    #expect(try server.reload() == "notice reload config=ok")
  }

  @Test("The limits on connections change, and nobody is closed for it")
  func connections() throws {
    let server = try ConfiguredServer("")
    let others = try (0..<3).map { try server.server.login("c\($0)") }
    try server.reload("max-connections 4\n")
    try server.server.connect().expectEnd()
    try server.server.waitForLog("refuse reason=connection-limit")
    try server.reload("max-connections-per-address 3\n")
    try server.server.connect().expectEnd()
    try server.server.waitForLog("refuse reason=address-limit")
    try server.reload("max-waiting-per-address 1\n")
    let waiting = try server.server.connect()
    try server.server.connect().expectEnd()
    try server.server.waitForLog("refuse reason=waiting-limit")
    try server.reload("")
    let last = try server.server.login("last")
    waiting.send("LOGIN waiting open\n")
    waiting.expect("200\n")
    for client in others + [last, waiting] { client.expectQuiet() }
  }

  @Test("More connections than there are descriptors for are warned of, as at start")
  func descriptors() throws {
    let server = try ConfiguredServer("max-connections 100\n")
    #expect(!server.server.logLines.contains { $0.contains(" limits ") })
    try server.reload("max-connections 16777216\n")
    try server.server.waitForLog(" warning limits max-connections=16777216 need=")
  }

  @Test(
    "A shorter login time-out closes those who wait already, and a longer one leaves them more time", arguments: [1, 2])
  func loginTimeout(loops: Int) throws {
    let server = try ConfiguredServer("login-timeout 1h\n", ["--loops", "\(loops)"])
    let waiting = try (0..<2).map { _ in try server.server.connect() }
    try server.reload("login-timeout 100ms\n")
    for client in waiting { client.expectEnd() }
    try server.reload("login-timeout 1500ms\n")
    let patient = try (0..<2).map { _ in try server.server.connect() }
    try eventually("they have been accepted") { try server.server.report()["connections"] == 3 }
    try server.reload("login-timeout 1h\n")
    for client in patient { client.expectNothing(for: 1000) }
    for (number, client) in patient.enumerated() {
      client.send("LOGIN p\(number) open\n")
      client.expect("200\n")
    }
  }

  @Test("A shorter ping interval and a shorter pong time-out hold for those who are idle already", arguments: [1, 2])
  func pings(loops: Int) throws {
    let server = try ConfiguredServer("ping-interval 1h\npong-timeout 1h\n", ["--loops", "\(loops)"])
    let idle = try (0..<4).map { try server.server.login("c\($0)") }
    try server.file.write(Array((ConfiguredServer.usual + "ping-interval 200ms\npong-timeout 1h\n").utf8))
    kill(server.server.process.processIdentifier, SIGHUP)
    for client in idle { client.expect("000 . PING\n") }
    try server.file.write(Array((ConfiguredServer.usual + "ping-interval 1h\npong-timeout 50ms\n").utf8))
    kill(server.server.process.processIdentifier, SIGHUP)
    for client in idle { client.expectEnd() }
    try server.server.waitForLog("close reason=pong-timeout id=c3")
  }

  @Test("Those who are late for their PING under a shorter interval are not pinged all at once")
  func spreadPings() throws {
    let server = try ConfiguredServer("ping-interval 1h\npong-timeout 1h\n")
    let idle = try (0..<9).map { try server.server.login("c\($0)") }
    // All of them are to be idle for longer than the interval to come.
    usleep(2_100_000)
    try server.file.write(Array((ConfiguredServer.usual + "ping-interval 2s\npong-timeout 1h\n").utf8))
    kill(server.server.process.processIdentifier, SIGHUP)
    server.live.expect("000 . PING\n")
    idle[8].expectNothing(for: 0)
    for client in idle { client.expect("000 . PING\n") }
  }

  @Test("A longer ping interval keeps PINGs away")
  func fewerPings() throws {
    let server = try ConfiguredServer("ping-interval 100ms\npong-timeout 1h\n")
    server.live.expect("000 . PING\n")
    try server.file.write(Array((ConfiguredServer.usual + "ping-interval 1h\n").utf8))
    kill(server.server.process.processIdentifier, SIGHUP)
    try server.server.waitForLog("reload config=ok")
    server.live.send("PONG\n")
    server.live.expectNothing(for: 400)
  }

  /// Sends so much to a client that does not read that some of it stays pending.
  private func stall(_ server: ConfiguredServer) throws -> TestClient {
    let stalled = try TestClient(port: server.server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    // A sender that has just sent to somebody else does not wait for long.
    let peer = try server.server.login("peer")
    server.live.send("UCAST peer x\n")
    server.live.expect("200\n")
    peer.expect("000 live UCAST peer x\n")
    peer.send("CLOSE\n")
    peer.expect("200\n")
    let text = String(repeating: "x", count: 1000)
    for _ in 0..<160 {
      server.live.send(String(repeating: "UCAST stalled \(text)\n", count: 50))
      server.live.expect(String(repeating: "200\n", count: 50))
    }
    return stalled
  }

  @Test("A shorter write time-out closes who takes nothing already")
  func writeTimeout() throws {
    let server = try ConfiguredServer("write-timeout 1h\nmax-pending 64MiB\n")
    let stalled = try stall(server)
    try server.reload("write-timeout 100ms\nmax-pending 64MiB\n")
    try server.server.waitForLog("close reason=write-timeout id=stalled")
    withExtendedLifetime(stalled) {}
  }

  @Test("A smaller limit on what is pending closes who leaves more unread when something is added")
  func pending() throws {
    let server = try ConfiguredServer("write-timeout 1h\nmax-pending 64MiB\n")
    let stalled = try stall(server)
    try server.reload("write-timeout 1h\nmax-pending 64KiB\n")
    server.live.send("UCAST stalled x\n")
    server.live.expect("200\n")
    try server.server.waitForLog("close reason=pending-limit id=stalled")
    withExtendedLifetime(stalled) {}
  }

  @Test("A smaller limit on what is pending in all is in force at once", arguments: [1, 2])
  func totalPending(loops: Int) throws {
    let server = try ConfiguredServer("write-timeout 1h\nmax-pending 64MiB\n", ["--loops", "\(loops)"])
    let stalled = try stall(server)
    try server.reload("write-timeout 1h\nmax-pending 1MiB\nmax-total-pending 1MiB\n")
    try server.server.waitForLog("close reason=total-pending-limit id=stalled")
    server.live.expectQuiet()
    withExtendedLifetime(stalled) {}
  }

  @Test("The log level changes, and the line that says so is written in any case")
  func logLevel() throws {
    let base = "listen tcp://127.0.0.1:0?auth=open\n"
    let server = try ConfiguredServer("log-level notice\n", base: base)
    #expect(!server.server.logLines.contains { $0.contains(" login id=") })
    #expect(try server.reload("log-level debug\n") == "notice reload config=ok changed=\"log-level\"")
    _ = try server.server.login("loud")
    try server.server.waitForLog(" info login id=loud")
    try server.server.waitForLog(" debug accept peer=")
    #expect(try server.reload("log-level error\n") == "notice reload config=ok changed=\"log-level\"")
    _ = try server.server.login("quiet")
    #expect(try server.reload("log-level notice\n") == "notice reload config=ok changed=\"log-level\"")
    #expect(!server.server.logLines.contains { $0.contains("id=quiet") })
  }

  @Test("What a listener offers changes for new connections: open, a secret, and its own schemes")
  func schemes() throws {
    let base = "log-level info\nlisten tcp://127.0.0.1:0"
    let secret = try TemporaryFile("s3\n")
    let server = try ConfiguredServer("\nopen\n", base: base)
    func answer(_ login: String) throws -> String {
      let client = try server.server.connect()
      client.send("LOGIN \(login)\n")
      return try client.line()
    }
    #expect(
      try server.reload("\nsecret-file \(secret.path)?short\n")
        == "notice reload config=ok secret-file=ok changed=\"open, secret-file\"")
    #expect(try answer("a open") == "401 secret\n")
    #expect(try answer("a secret s3") == "200\n")
    #expect(
      server.server.logLines.contains {
        $0.hasSuffix("notice listen address=tcp://127.0.0.1:\(server.server.port) auth=secret")
      })
    try server.reload("?auth=open,secret\nsecret-file \(secret.path)?short\n")
    #expect(try answer("a open") == "200\n")
    #expect(try answer("a secret s3") == "200\n")
    #expect(try server.reload("?auth=open\n") == "notice reload config=ok changed=\"listen, secret-file\"")
    #expect(try answer("a secret s3") == "401 open\n")
  }

  @Test("strict changes for new connections")
  func strict() throws {
    let server = try ConfiguredServer("")
    func answer() throws -> String {
      let client = try server.server.connect()
      client.send("LOGIN a open\r\n")
      return try client.line()
    }
    #expect(try answer() == "200\n")
    try server.reload("strict\n")
    #expect(try answer() == "400\n")
    try server.reload("strict no\n")
    #expect(try answer() == "200\n")
  }

  @Test("Limits that are taken away are named")
  func takenAway() throws {
    let server = try ConfiguredServer("")
    let all = "\"strict, max-connections-per-address, max-failed-logins, max-rate\""
    let limits = "strict\nmax-rate 50\nmax-connections-per-address 9\nmax-failed-logins 7\n"
    #expect(try server.reload(limits) == "notice reload config=ok changed=\(all)")
    #expect(try server.reload("") == "notice reload config=ok changed=\(all)")
  }

  @Test("What needs a restart is named in one line, and everything else is in force")
  func needsRestart() throws {
    let server = try ConfiguredServer("")
    let base = "listen tcp://127.0.0.1:1?auth=open\nlog-level info\n"
    #expect(
      try server.reload("loops 2\nmax-subscriptions 1\n", base: base)
        == "notice reload config=ok changed=\"max-subscriptions\"")
    let lines = server.server.logLines.filter { $0.contains("needs-restart") }
    #expect(lines.count == 1 && lines.first?.hasSuffix(" warning reload needs-restart=\"listen, loops\"") == true)
    let client = try server.server.login("a")
    client.send("SUBSCRIBE a\nSUBSCRIBE b\n")
    client.expect("200\n405\n")
    try server.reload("")
    #expect(server.server.logLines.count { $0.contains("needs-restart") } == 1)
  }

  @Test("What is wrong with the file leaves everything as it was, and one line says what", arguments: [1, 2])
  func broken(loops: Int) throws {
    let good = "max-subscriptions 1\n"
    let server = try ConfiguredServer(good, ["--loops", "\(loops)"])
    server.live.send("SUBSCRIBE a\n")
    server.live.expect("200\n")
    let path = server.file.path
    let other = "max-subscriptions 5\nlog-level error\nmax-connections 1\nping-interval 50ms\n"
    let base = "listen tcp://127.0.0.1:0?auth=open\n"
    for (text, reason) in [
      (other + "nonsense\n", "\(path):6: 'nonsense' is no setting; see ssmpd --help"),
      (other + "loops x\nstrict 1\n", "\(path):6: loops: 'x' is not accepted; give a number from 0 to 64 (and 1 more)"),
      (
        other + "secret-file /nonexistent\n",
        "\(path):6: secret-file: '/nonexistent' cannot be read: No such file or directory"
      ),
      (other + "cert /c\n", "\(path):6: cert: no listener speaks TLS; give listen tls://ADDRESS:PORT, or leave it out"),
      (
        other + "max-pending 2MiB\nmax-total-pending 1MiB\n",
        "\(path):7: max-total-pending: '1MiB' is not accepted; give at least max-pending, which is 2MiB"
      ),
      (
        other + "listen tls://127.0.0.1:0\n",
        "\(path): cert: none is given, and 'tls://127.0.0.1:0' speaks TLS; give cert FILE with the server's certificate"
      ),
    ] {
      #expect(try server.reload(text, base: base) == "error reload failed: \(reason)")
      server.live.send("SUBSCRIBE b\n")
      server.live.expect("405\n")
    }
    try FileManager.default.removeItem(atPath: path)
    #expect(try server.reload() == "error reload failed: --config: '\(path)' cannot be read: No such file or directory")
    try #require(mkfifo(path, 0o600) == 0)
    #expect(
      try server.reload()
        == "error reload failed: --config: '\(path)' is no regular file, which alone can be read again")
    unlink(path)
    let client = try server.server.login("a")
    client.send("SUBSCRIBE a\nSUBSCRIBE b\n")
    client.expect("200\n405\n")
    #expect(try server.reload(good) == "notice reload config=ok")
  }

  @Test("What is good by itself, but not with what stays until a restart, is wrong as a whole")
  func goodOnlyAfterRestart() throws {
    let secret = try TemporaryFile("s\n")
    let server = try ConfiguredServer("")
    try server.reload("secret-file \(secret.path)?short\n", base: "listen tcp://127.0.0.1:0?auth=open,secret\n")
    #expect(
      try server.reload("", base: "listen tcp://127.0.0.1:1?auth=open\n")
        == "error reload failed: \(server.file.path): listen: 'tcp://127.0.0.1:0?auth=open,secret' offers secret, but there "
        + "is none; give secret-file FILE; until a restart the old value of listen is in force")
  }

  @Test("The command line counts instead of the file after a reload, too")
  func commandLine() throws {
    let server = try ConfiguredServer("max-subscriptions 5\n", ["--max-subscriptions", "1"])
    #expect(try server.reload("max-subscriptions 7\n") == "notice reload config=ok")
    server.live.send("SUBSCRIBE a\nSUBSCRIBE b\n")
    server.live.expect("200\n405\n")
  }

  @Test("Certificate, key and authorities may move to other files, and revocation lists come and go")
  func certificates() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let device = try authority.device("pump")
    let base = "listen tls://127.0.0.1:0\nlisten tcp://127.0.0.1:0?auth=open\nlog-level info\n"
    func settings(_ more: String = "") -> String {
      "cert \(files.path("server.pem"))\nkey \(files.path("server.key"))\ncacert \(files.path("ca.pem"))\n" + more
    }
    let file = try TemporaryFile(base + settings())
    let server = try ServerProcess(["--config", file.path], listen: nil, level: nil)
    let port = try server.port(of: "tls")
    func login(_ name: String, _ trusted: TestCertificate) throws -> TLSClient {
      let client = try TLSClient(port: port, authority: trusted, certificate: device)
      try client.handshake()
      client.send("LOGIN pump/\(name) cert\n")
      client.expect("200\n")
      return client
    }
    func reload(_ text: String) throws -> String {
      try file.write(Array((base + text).utf8))
      let before = server.logLines.count { $0.contains(" reload ") }
      kill(server.process.processIdentifier, SIGHUP)
      try eventually("the server has reloaded") { server.logLines.count { $0.contains(" reload ") } > before }
      return try #require(server.logLines.last { $0.contains(" reload ") })
    }
    let before = try login("before", authority)
    // Another certificate, in other files.
    let other = try TestCertificate.authority("Other CA")
    let moved = try CertificateFiles(other)
    let line = try reload(
      "cert \(moved.path("server.pem"))\nkey \(moved.path("server.key"))\ncacert \(files.path("ca.pem"))\n")
    #expect(line.hasSuffix(" notice reload config=ok certificates=ok changed=\"cert, key\""))
    let client = try login("after", other)
    before.expectQuiet()
    // A list that there was none of.
    try files.write("crl.pem", try authority.revocationList(revoking: [device]))
    #expect(try reload(settings("crl \(files.path("crl.pem"))\n")).hasSuffix(" changed=\"cert, key, crl\""))
    client.expectEnd()
    before.expectEnd()
    try server.waitForLog("close reason=certificate-revoked id=pump/after")
    // It goes when that is meant.
    #expect(
      try reload(settings()).contains(" error reload failed: \(file.path): crl: '\(files.path("crl.pem"))' is in"))
    #expect(try reload(settings("crl no\n")).hasSuffix(" changed=\"crl\""))
    _ = try login("again", authority)
    // TLS cannot be turned off.
    let off = try reload("crl no\n")
    #expect(off.contains(" error reload failed: \(file.path): cert: none is given"))
    _ = try login("still", authority)
  }

  @Test("Reloads with other limits under a flood lose nothing, and close nobody who reads", arguments: [1, 2])
  func underFlood(loops: Int) throws {
    let large = "max-pending 16MiB\npong-timeout 30s\n"
    let server = try ConfiguredServer(large, ["--loops", "\(loops)"])
    let flood = MutualFlood(
      try server.server.login("a"), try server.server.login("b"), total: 30_000,
      text: String(repeating: "y", count: 200))
    let finished = Finished()
    try inParallel(MutualFlood.roles + 1) { role in
      guard role == MutualFlood.roles else {
        // Each reader is one of two.
        defer { if role > 1 { finished.note() } }
        return try flood.run(role)
      }
      var round = 0
      while !finished.isFinished {
        round += 1
        try server.reload(
          round % 3 == 0 ? "nonsense\n" : round % 3 == 1 ? "max-pending 8MiB\npong-timeout 20s\n" : large)
      }
      #expect(round > 2)
    }
    #expect(try server.server.report()["pending-limit"] == 0)
    #expect(server.server.stop() == 0)
  }

  /// Notes that both readers of a flood have ended.
  private final class Finished: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func note() { lock.withLock { count += 1 } }
    var isFinished: Bool { lock.withLock { count == 2 } }
  }
}
