// Reloads with good and with broken files.

import FuzzHarness
import Glibc
import SSMPTransport
import CertificateHarness

/// Changes files while clients do what they like, reloads, and looks whether that did what it should, and nothing else.
struct Operator {
  let server: ServerUnderTest
  let authority: TLSClientContext
  let revocable: TLSClientContext
  /// Another certificate for the server.
  let other: TestCertificate
  private(set) var reloads = 0
  private(set) var refusals = 0

  init(_ server: ServerUnderTest) throws {
    self.server = server
    let files = server.files
    let authorities = try Certificate.parse(pem: Array(files.authority.certificatePEM.utf8))
    authority = try TLSClientContext(authorities: authorities)
    revocable = try TLSClientContext(
      authorities: authorities, chain: try Certificate.parse(pem: Array(files.revocable.certificatePEM.utf8)),
      key: try PrivateKey(pem: Array(files.revocable.keyPEM.utf8)))
    other = try files.authority.server()
  }

  /// Something of an operator's work, at random.
  mutating func act(_ random: inout Chance) throws {
    switch random.below(8) {
    case 0: try changeConfiguration(&random)
    case 1: try breakConfiguration(&random)
    case 2: try takeAccessAway()
    case 3: try breakAccess(&random)
    case 4: try changeCertificate()
    case 5: try breakCertificate(&random)
    case 6: try revoke()
    default: try breakRevocations(&random)
    }
  }

  private mutating func changeConfiguration(_ random: inout Chance) throws {
    try server.files.writeConfiguration(pingInterval: 100 + random.below(1000))
    try reload(succeeds: true)
  }

  private mutating func breakConfiguration(_ random: inout Chance) throws {
    let line = random.pick(["nonsense 1", "ping-interval x", "max-pending 3", "open maybe", "cert /nowhere"])
    try server.files.writeConfiguration(extra: line)
    try reload(succeeds: false)
    try server.files.writeConfiguration()
  }

  private mutating func takeAccessAway() throws {
    let name = "revocable/operator"
    guard let probe = try Probe(to: server.plain, nil) else { throw Finding("the operator cannot connect") }
    try expect(probe, "LOGIN \(name) open", "200")
    try server.files.writeAccess(allowingRevocable: false)
    try reload(succeeds: true)
    guard probe.hear() == nil, probe.hasEnded else {
      throw Finding("'\(name)' may not be logged in any more, and was not closed")
    }
    guard let second = try Probe(to: server.plain, nil) else { throw Finding("the operator cannot connect") }
    try expect(second, "LOGIN \(name) open", "401 open")
    try server.files.writeAccess(allowingRevocable: true)
    try reload(succeeds: true)
    guard let third = try Probe(to: server.plain, nil) else { throw Finding("the operator cannot connect") }
    try expect(third, "LOGIN \(name) open", "200")
  }

  private mutating func breakAccess(_ random: inout Chance) throws {
    let line = random.pick(["allow", "allow x fly *", "allow . subscribe a", "deny everything", "allow a login none"])
    try server.files.writeAccess(allowingRevocable: false, extra: line)
    try reload(succeeds: false)
    guard let probe = try Probe(to: server.plain, nil) else { throw Finding("the operator cannot connect") }
    try expect(probe, "LOGIN revocable/operator open", "200")
    try server.files.writeAccess(allowingRevocable: true)
  }

  private mutating func changeCertificate() throws {
    try server.files.writeCertificate(other)
    try reload(succeeds: true)
    guard let probe = try Probe(to: server.tls, revocable) else { throw Finding("no handshake with a new certificate") }
    try expect(probe, "LOGIN \(ServerFiles.revocableName) cert", "200")
    try server.files.writeCertificate(server.files.server)
    try reload(succeeds: true)
  }

  private mutating func breakCertificate(_ random: inout Chance) throws {
    let name = random.pick(["server.pem", "server.key", "authority.pem"])
    let text = random.pick(["", "nothing\n", "-----BEGIN CERTIFICATE-----\nMIIB\n", other.keyPEM])
    try replaceFile(server.files.path(name), text)
    // A key that fits no certificate is a fault, too.
    try reload(succeeds: false)
    try replaceFile(server.files.path("authority.pem"), server.files.authority.certificatePEM)
    try server.files.writeCertificate(server.files.server)
    guard let probe = try Probe(to: server.tls, revocable) else {
      throw Finding("a reload that failed has changed who can connect")
    }
    try expect(probe, "LOGIN \(ServerFiles.revocableName)/a cert", "200")
  }

  private mutating func revoke() throws {
    guard let probe = try Probe(to: server.tls, revocable) else { throw Finding("no handshake for the operator") }
    try expect(probe, "LOGIN \(ServerFiles.revocableName) cert", "200")
    try server.files.writeRevocations([server.files.revocable])
    try reload(succeeds: true)
    guard probe.hear() == nil, probe.hasEnded else {
      throw Finding("a revoked certificate's connection was not closed")
    }
    // With TLS 1.3 a client learns of the refusal when it reads.
    if let second = try Probe(to: server.tls, revocable) {
      second.say("LOGIN \(ServerFiles.revocableName) cert")
      guard second.hear() == nil else { throw Finding("a revoked certificate was let in") }
    }
    try server.files.writeRevocations([])
    try reload(succeeds: true)
    guard let third = try Probe(to: server.tls, revocable) else { throw Finding("no handshake after the revocation") }
    try expect(third, "LOGIN \(ServerFiles.revocableName) cert", "200")
  }

  private mutating func breakRevocations(_ random: inout Chance) throws {
    try replaceFile(
      server.files.path("revoked.pem"), random.pick(["", "nothing\n", "-----BEGIN X509 CRL-----\nMIIB\n"]))
    try reload(succeeds: false)
    try server.files.writeRevocations([])
  }

  private func expect(_ probe: Probe, _ line: String, _ answer: String) throws {
    probe.say(line)
    let found = probe.hear()
    guard found == answer else { throw Finding("'\(line)' was answered '\(found ?? "nothing")', not '\(answer)'") }
  }

  /// Sends SIGHUP and waits for what the log says of it.
  private mutating func reload(succeeds: Bool) throws {
    func lines() -> [Substring] {
      server.log.split(separator: "\n").filter { $0.contains(" reload ") && !$0.contains("needs-restart") }
    }
    let before = lines().count
    server.signal(SIGHUP)
    try waitUntil("the log tells of a reload", seconds: 20) { lines().count > before }
    let line = lines().last.map(String.init) ?? ""
    guard line.contains("reload failed") != succeeds else {
      throw Finding("a reload \(succeeds ? "with good files failed" : "with a broken file was put in force"): \(line)")
    }
    if succeeds { reloads += 1 } else { refusals += 1 }
  }
}
