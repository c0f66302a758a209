// Which handshakes succeed.

import Foundation
import TLSHarness
import Testing

@Suite("TLS handshakes")
struct HandshakeTests {
  /// A certificate that must not get in, and what its client is told.
  struct Refused: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let alert: String
    let certificate: @Sendable (TestCertificate) throws -> TestCertificate
  }

  private static func device(_ change: (inout CertificateOptions) -> Void) -> CertificateOptions {
    var options = CertificateOptions.device("pump")
    change(&options)
    return options
  }

  static let refused = [
    Refused(testDescription: "of another authority", alert: "unknown ca") { _ in
      try TestCertificate.authority("Somebody's CA").device("pump")
    },
    Refused(testDescription: "of another authority of the same name", alert: "alert") { _ in
      try TestCertificate.authority("Appliance CA").device("pump")
    },
    Refused(testDescription: "self-signed", alert: "unknown ca") { _ in
      try .selfSigned(CertificateOptions.device("pump"))
    },
    Refused(testDescription: "expired", alert: "certificate expired") {
      try $0.issue(device { ($0.notBefore, $0.notAfter) = (-7200, -3600) })
    },
    Refused(testDescription: "not yet valid", alert: "alert") {
      try $0.issue(device { ($0.notBefore, $0.notAfter) = (3600, 7200) })
    },
    Refused(testDescription: "for servers", alert: "unsupported certificate") {
      try $0.issue(device { $0.extendedKeyUsage = "serverAuth" })
    },
    Refused(testDescription: "not for signing", alert: "unsupported certificate") {
      try $0.issue(device { $0.keyUsage = "keyEncipherment" })
    },
    Refused(testDescription: "of a device that plays authority", alert: "alert") {
      try $0.device("valve").device("pump")
    },
    Refused(testDescription: "of an intermediate that is not sent", alert: "unknown ca") {
      try $0.authority("between").device("pump")
    },
  ]

  @Test("A certificate that does not verify fails the handshake, whatever other schemes there are", arguments: refused)
  func refusedCertificate(_ one: Refused) throws {
    let server = try TLSServer(["--open"])
    let certificate = try one.certificate(server.authority)
    for version in [TLS.v12, TLS.v13] {
      let client = try TLSClient(
        port: try server.process.port(of: "tls"), authority: server.authority, certificate: certificate,
        maximum: version)
      client.expectRefusal(one.alert)
    }
    let line = try server.process.waitForLog("login failed peer=127.0.0.1:")
    #expect(
      line.contains(" warning ") && line.contains(" id=- scheme=cert reason=certificate subject=\"CN=pump\" because=\"")
    )
    #expect(try server.process.report()["certificate-refused"] == 2)
    try eventually("they are gone") { try server.process.report()["connections"] == 0 }
  }

  @Test("A revoked certificate fails the handshake, and others do not")
  func revoked() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let stolen = try authority.device("stolen")
    try files.write("crl.pem", try authority.revocationList(revoking: [stolen]))
    let process = try ServerProcess(files.arguments + ["--crl", files.path("crl.pem")], listen: "tls://127.0.0.1:0")
    let client = try TLSClient(port: process.port, authority: authority, certificate: stolen)
    client.expectRefusal("certificate revoked")
    let other = try TLSClient(port: process.port, authority: authority, certificate: try authority.device("pump"))
    try other.handshake()
    other.send("LOGIN pump cert\n")
    other.expect("200\n")
  }

  @Test("An expired revocation list goes on revoking, keeps nobody else out, and is complained about")
  func expiredList() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let stolen = try authority.device("stolen")
    try files.write(
      "crl.pem", try authority.revocationList(revoking: [stolen], lastUpdate: -7200, nextUpdate: -3600))
    let arguments = files.arguments + ["--crl", files.path("crl.pem")]
    let process = try ServerProcess(arguments, listen: "tls://127.0.0.1:0")
    try process.waitForLog(" error tls crl expired days=-1 name=\"CN=Appliance CA\"")
    let client = try TLSClient(port: process.port, authority: authority, certificate: stolen)
    client.expectRefusal("certificate revoked")
    let other = try TLSClient(port: process.port, authority: authority, certificate: try authority.device("pump"))
    try other.handshake()
    other.send("LOGIN pump cert\n")
    other.expect("200\n")
    let check = try runToEnd(arguments + ["--check"])
    #expect(check.code == 2)
    #expect(check.errors.hasSuffix("holds a revocation list by CN=Appliance CA, which has expired\n"))
  }

  @Test(
    "Where there are revocation lists, one of the issuer's has to be there; above it, lists are used if they are there")
  func missingLists() throws {
    let root = try TestCertificate.authority("Root")
    let between = try root.authority("Between")
    let files = try CertificateFiles(root)
    func answer(_ lists: String, _ device: TestCertificate) throws -> String {
      try files.write("crl.pem", lists)
      let process = try ServerProcess(files.arguments + ["--crl", files.path("crl.pem")], listen: "tls://127.0.0.1:0")
      let client = try TLSClient(port: process.port, authority: root, certificate: device, chain: [between])
      try? client.handshake()
      client.send("LOGIN pump cert\n")
      return (try? client.line()) ?? client.failure?.description ?? "closed"
    }
    let device = try between.device("pump")
    let rootList = try root.revocationList(revoking: [])
    let betweenList = try between.revocationList(revoking: [])
    #expect(try answer(betweenList, device) == "200\n")
    #expect(try answer(rootList + betweenList, device) == "200\n")
    #expect(try answer(rootList, device).contains("alert"))
    #expect(try answer(try root.revocationList(revoking: [between]) + betweenList, device).contains("revoked"))
  }

  @Test("An intermediate authority can be the anchor: clients of it alone get in")
  func intermediateAnchor() throws {
    let root = try TestCertificate.authority("Root")
    let between = try root.authority("Between")
    let files = try CertificateFiles(between)
    let process = try ServerProcess(files.arguments, listen: "tls://127.0.0.1:0")
    let client = try TLSClient(port: process.port, certificate: try between.device("pump"))
    try client.handshake()
    client.send("LOGIN pump cert\n")
    client.expect("200\n")
    let other = try TLSClient(port: process.port, certificate: try root.device("pump"))
    other.expectRefusal("alert")
  }

  @Test("TLS 1.2 and 1.3 are spoken with forward secrecy and authenticated encryption; TLS 1.1 is refused")
  func versions() throws {
    let server = try TLSServer()
    let port = try server.process.port(of: "tls")
    for (version, name) in [(TLS.v12, "TLSv1.2"), (TLS.v13, "TLSv1.3")] {
      let client = try server.connect(try server.authority.device("pump"), maximum: version)
      #expect(client.version == name)
      #expect(client.cipher.contains("GCM") || client.cipher.contains("CHACHA20"))
      if version == TLS.v12 { #expect(client.cipher.hasPrefix("ECDHE-")) }
      client.send("LOGIN pump cert\n")
      client.expect("200\n")
    }
    let old = try TLSClient(port: port, minimum: TLS.v11, maximum: TLS.v11)
    old.expectRefusal("alert protocol version")
    // A TLS client is no port scan: somebody will want to know why it does not come in.
    try server.process.waitForLog(" info close reason=handshake-failed id=- peer=127.0.0.1:")
  }

  @Test("Renegotiation is refused")
  func renegotiation() throws {
    let server = try TLSServer()
    let client = try server.connect(try server.authority.device("pump"), maximum: TLS.v12)
    client.send("LOGIN pump cert\n")
    client.expect("200\n")
    #expect(!client.renegotiate())
    try server.process.waitForLog("close reason=connection-lost id=pump")
    let other = try server.login("other")
    other.expectQuiet()
  }

  @Test("A person's LOGIN on a TLS port, and TLS on a plain port, end at once")
  func mistakenPorts() throws {
    let server = try TLSServer(["--listen", "tcp://127.0.0.1:0?auth=open"])
    let plain = try TestClient(port: try server.process.port(of: "tls"))
    plain.send("LOGIN a open\n")
    // An alert, perhaps, but no line.
    #expect(!plain.readAll().contains(UInt8(ascii: "2")))
    #expect(plain.hasEnded)
    let tls = try TLSClient(port: try server.process.port(of: "tcp"))
    // Four bytes of text are less than the header of a record.
    tls.expectRefusal("closed by the server")
    let report = try server.process.report()
    #expect(report["handshake-failed"] == 1)
    #expect(report["bad-request"] == 1)
    try server.login("pump").expectQuiet()
  }

  @Test("Failures of port scans are logged with peer and reason, and only for debugging")
  func quietFailures() throws {
    let server = try TLSServer(level: "debug")
    for bytes in ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\0\u{5}garbage", "", "\0\0\0\0\0\0"] {
      let client = try TestClient(port: try server.process.port(of: "tls"))
      client.send(bytes)
      client.endOutput()
      _ = client.readAll()
    }
    try eventually("all are gone") { try server.process.report()["connections"] == 0 }
    let lines = server.process.logLines.filter {
      $0.contains(" close reason=handshake-failed") && !$0.contains("report")
    }
    #expect(lines.count == 4)
    for line in lines { #expect(line.contains(" debug close reason=handshake-failed id=- peer=127.0.0.1:")) }
    for line in lines { #expect(line.contains(" bytes-out=0 because=\"")) }
  }
}
