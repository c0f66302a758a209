// Sessions that are resumed.

import Foundation
import TLSHarness
import Testing

@Suite("TLS session resumption")
struct ResumptionTests {
  /// A device that has logged in, and the session that it can resume.
  private func begin(
    _ server: TLSServer, _ certificate: TestCertificate?, maximum: Int32 = TLS.v13
  ) throws -> TLSSession {
    let client = try server.connect(certificate, maximum: maximum)
    client.send("PING\n")
    _ = try client.line()
    let session = try #require(client.session(), "no session ticket came")
    client.closeNotify()
    return session
  }

  @Test(
    "A session is resumed and proves the same identity, in TLS 1.2 and 1.3", arguments: [TLS.v12, TLS.v13], [1, 2])
  func resumed(version: Int32, loops: Int) throws {
    let server = try TLSServer(["--loops", "\(loops)"])
    let session = try begin(server, try server.authority.device("pump"), maximum: version)
    for (id, answer) in [("pump", "200\n"), ("pump/2", "200\n"), ("valve", "401 cert\n"), (".", "401 cert\n")] {
      // Without the certificate at hand: what proves the identity is the session.
      let client = try server.connect(session: session, maximum: version)
      #expect(client.wasResumed)
      client.send("LOGIN \(id) cert\n")
      client.expect(answer)
    }
    #expect(try server.process.report()["resumed"] == 4)
  }

  @Test("Each connection that resumes brings a ticket for the next one, so a client can use each of them once")
  func chain() throws {
    let server = try TLSServer()
    var session = try begin(server, try server.authority.device("pump"))
    // What a session may still be resumed for counts from its full handshake.
    var lifetime = 7 * 86_400
    for _ in 0..<5 {
      #expect((lifetime - 600...lifetime).contains(session.lifetime))
      lifetime = session.lifetime
      let client = try server.connect(session: session)
      #expect(client.wasResumed)
      client.send("LOGIN pump cert\n")
      client.expect("200\n")
      session = try #require(client.session(after: session), "no new ticket came")
    }
    #expect(try server.process.report()["resumed"] == 5)
  }

  @Test(
    "A certificate with more names than a ticket takes, and nearly as large as one may be, is resumed, too",
    arguments: [TLS.v12, TLS.v13], [200, 1250])
  func largeCertificate(version: Int32, names: Int) throws {
    let server = try TLSServer()
    var options = CertificateOptions(alternativeNames: (0..<names).map { .dns("device-\($0).example.com") })
    options.extendedKeyUsage = "clientAuth"
    var session = try begin(server, try server.authority.issue(options), maximum: version)
    for _ in 0..<2 {
      let client = try server.connect(session: session, maximum: version)
      #expect(client.wasResumed)
      client.send("LOGIN device-\(names) cert\nLOGIN device-\(names - 1).example.com/x cert\n")
      client.expect("401 cert\n")
      let other = try server.connect(session: session, maximum: version)
      other.send("LOGIN device-\(names - 1).example.com/x cert\n")
      other.expect("200\n")
      if version == TLS.v13 { session = try #require(other.session(after: session)) }
    }
  }

  @Test("A ticket is not good for longer than the certificate", arguments: [TLS.v12, TLS.v13])
  func lifetime(version: Int32) throws {
    let server = try TLSServer()
    var options = CertificateOptions.device("pump")
    options.notAfter = 3600
    let session = try begin(server, try server.authority.issue(options), maximum: version)
    #expect((3000...3600).contains(session.lifetime))
  }

  @Test("When many shake hands at once everybody who stays gets a ticket", arguments: [1, 2])
  func crowd(loops: Int) throws {
    let server = try TLSServer(["--loops", "\(loops)", "--max-waiting-per-address", "0"])
    let device = try server.authority.device("pump")
    try inParallel(8) { thread in
      let clients = try (0..<20).map { number in
        let client = try server.connect(device)
        client.send("LOGIN pump/\(thread)-\(number) cert\n")
        client.expect("200\n")
        return client
      }
      for (number, client) in clients.enumerated() {
        // Some leave at once, perhaps before they have read theirs.
        if number % 3 == 0 { client.closeNotify() }
      }
      for (number, client) in clients.enumerated() where number % 3 != 0 {
        let session = try #require(client.session(), "no session ticket came")
        let again = try server.connect(session: session)
        #expect(again.wasResumed)
        again.send("LOGIN pump/\(thread)-\(number) cert\n")
        again.expect("200\n")
      }
    }
    #expect(try server.process.report()["resumed"] == 8 * 13)
  }

  @Test("A session that began without a certificate proves nothing when it is resumed")
  func withoutCertificate() throws {
    let server = try TLSServer()
    let session = try begin(server, nil)
    let client = try server.connect(try server.authority.device("pump"), session: session)
    #expect(client.wasResumed)
    client.send("LOGIN pump cert\n")
    client.expect("401 cert\n")
  }

  @Test("Another authority or revocation list forces the full handshake; the same files again do not")
  func changedTrust() throws {
    let server = try TLSServer(revocations: { try $0.revocationList(revoking: []) })
    let device = try server.authority.device("pump")
    let session = try begin(server, device)
    try server.reloadAndWait()
    #expect(try server.connect(device, session: session).wasResumed)

    try server.files.write("crl.pem", try server.authority.revocationList(revoking: [], nextUpdate: 86_400))
    try server.reloadAndWait()
    #expect(try !server.connect(device, session: session).wasResumed)

    let second = try begin(server, device)
    #expect(try server.connect(device, session: second).wasResumed)
    let other = try TestCertificate.authority("Other CA")
    try server.files.write("ca.pem", server.authority.certificatePEM + other.certificatePEM)
    try server.reloadAndWait()
    #expect(try !server.connect(device, session: second).wasResumed)
  }

  @Test("A session does not outlive a revocation, neither by a reload nor over a restart")
  func revoked() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    try files.write("crl.pem", try authority.revocationList(revoking: []))
    let arguments =
      files.arguments + ["--crl", files.path("crl.pem"), "--ticket-keys", files.path("tickets")]
    let device = try authority.device("pump")
    var session: TLSSession?
    do {
      let process = try ServerProcess(arguments, listen: "tls://127.0.0.1:0")
      let client = try TLSClient(port: process.port, certificate: device)
      try client.handshake()
      client.send("LOGIN pump cert\n")
      client.expect("200\n")
      session = client.session()
    }
    try files.write("crl.pem", try authority.revocationList(revoking: [device]))
    let process = try ServerProcess(arguments, listen: "tls://127.0.0.1:0")
    let client = try TLSClient(port: process.port, certificate: device, session: session)
    client.expectRefusal("certificate revoked")
    #expect(!client.wasResumed)
  }

  @Test("With --ticket-keys sessions outlive a restart, without it they do not; the file is its owner's alone")
  func restart() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let device = try authority.device("pump")
    for (extra, isResumed) in [(["--ticket-keys", files.path("tickets")], true), ([], false)] {
      var session: TLSSession?
      for round in 0..<2 {
        let process = try ServerProcess(files.arguments + extra, listen: "tls://127.0.0.1:0")
        let client = try TLSClient(port: process.port, certificate: device, session: session)
        try client.handshake()
        #expect(client.wasResumed == (isResumed && round == 1))
        client.send("LOGIN pump cert\n")
        client.expect("200\n")
        session = client.session()
        #expect(process.stop() == 0)
      }
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: files.path("tickets"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test(
    "After a restart and a reload a device of an intermediate authority stays, though its resumed session did not bring it",
    arguments: [1, 2])
  func intermediateAfterRestart(loops: Int) throws {
    let root = try TestCertificate.authority("Root")
    let between = try root.authority("Between")
    let device = try between.device("pump")
    let files = try CertificateFiles(root)
    func lists(_ nextUpdate: Int) throws -> String {
      try root.revocationList(revoking: [], nextUpdate: nextUpdate) + between.revocationList(revoking: [])
    }
    try files.write("crl.pem", try lists(86_400))
    let arguments =
      files.arguments + ["--crl", files.path("crl.pem"), "--ticket-keys", files.path("tickets"), "--loops", "\(loops)"]
    var session: TLSSession?
    for round in 0..<3 {
      let process = try ServerProcess(arguments, listen: "tls://127.0.0.1:0")
      let client = try TLSClient(port: process.port, certificate: device, chain: [between], session: session)
      try client.handshake()
      #expect(client.wasResumed == (round > 0))
      client.send("LOGIN pump cert\n")
      client.expect("200\n")
      session = client.session()
      guard round == 2 else { continue }
      // What it brought along to the first process has come with the ticket, through two of them.
      try files.write("crl.pem", try lists(2 * 86_400))
      kill(process.process.processIdentifier, SIGHUP)
      try process.waitForLog("reload certificates=ok")
      client.expectQuiet()
    }
  }

  @Test("A session is not resumed when an authority above its certificate has expired")
  func expiredAuthority() throws {
    let server = try TLSServer()
    var options = CertificateOptions.authority("Between")
    options.notAfter = 10
    let between = try server.authority.issue(options)
    let device = try between.device("pump")
    let port = try server.process.port(of: "tls")
    func resume(_ session: TLSSession?) throws -> TLSClient {
      let client = try TLSClient(port: port, certificate: device, chain: [between], session: session)
      try? client.handshake()
      _ = client.fill(300)
      return client
    }
    let session = try resume(nil).session()
    #expect(try resume(session).wasResumed)
    try eventually("the authority has expired") {
      try resume(session).failure?.description.contains("certificate expired") == true
    }
  }

  @Test("A session whose certificate has expired is not resumed, and the certificate is refused")
  func expired() throws {
    let server = try TLSServer()
    var options = CertificateOptions.device("pump")
    options.notAfter = 10
    let device = try server.authority.issue(options)
    let session = try begin(server, device)
    #expect(try server.connect(device, session: session).wasResumed)
    // As long as the certificate is valid, and a little more.
    try eventually("the certificate has expired") {
      let client = try TLSClient(port: try server.process.port(of: "tls"), certificate: device, session: session)
      try? client.handshake()
      _ = client.fill(300)
      return client.failure?.description.contains("certificate expired") == true
    }
  }
}
