// Files that are cut off, emptied or doubled, on a reload.

import Foundation
import TLSHarness
import Testing

@Suite("Half-written files")
struct HalfWrittenTests {
  private static let rules = "allow admin login\nallow dev login\nallow dev publish status/%i/\n"
  private static let secret = "correct horse battery staple\n"

  /// A server with access rules and a secret, on a plain port.
  private final class Fixture {
    let access: TemporaryFile
    let secret: TemporaryFile
    let config: TemporaryFile
    let server: ServerProcess
    let text: String

    init() throws {
      access = try TemporaryFile(HalfWrittenTests.rules)
      secret = try TemporaryFile(HalfWrittenTests.secret)
      text = "listen tcp://127.0.0.1:0\nopen\nlog-level info\nsecret-file \(secret.path)\naccess \(access.path)\n"
      config = try TemporaryFile(text)
      server = try ServerProcess(["--config", config.path], listen: nil, level: nil)
    }

    /// Expects that a reload changes nothing, and says why.
    func expectRefusal(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try runToEnd(["--reload", "\(server.process.processIdentifier)"])
      #expect(result.code == 1 && result.errors.contains(reason), "\(result)", sourceLocation: sourceLocation)
      let device = try server.login("dev")
      device.send("MCAST status/other/7 x\nMCAST status/dev/7 x\n")
      device.expect("405\n200\n", sourceLocation: sourceLocation)
      let guess = try server.connect()
      guess.send("LOGIN dev secret c\n")
      #expect(try guess.line().hasPrefix("401 "), sourceLocation: sourceLocation)
      let right = try server.connect()
      right.send("LOGIN dev secret \(HalfWrittenTests.secret)")
      right.expect("200\n", sourceLocation: sourceLocation)
      let stranger = try server.connect()
      stranger.send("LOGIN stranger open\n")
      #expect(try stranger.line().hasPrefix("401 "), sourceLocation: sourceLocation)
    }
  }

  @Test("Access rules, wherever they are cut within a line, do not come into force")
  func accessRules() throws {
    let fixture = try Fixture()
    for cut in [
      "allow dev login\nallow dev publish status/", "allow dev login\nallow dev publish status/%", "allow admin login",
    ] {
      try fixture.access.write(Array(cut.utf8))
      try fixture.expectRefusal(fixture.access.path)
    }
    try fixture.access.write([])
    try fixture.expectRefusal("holds no rule")
    // What is there twice allows no more than once.
    try fixture.access.write(Array((Self.rules + Self.rules).utf8))
    #expect(try runToEnd(["--reload", "\(fixture.server.process.processIdentifier)"]).code == 0)
  }

  @Test("A secret, wherever it is cut, does not come into force")
  func secret() throws {
    let fixture = try Fixture()
    for length in [0, 1, 5, 16, 27, 28] {
      try fixture.secret.write(Array(Self.secret.utf8.prefix(length)))
      try fixture.expectRefusal("secret-file: '\(fixture.secret.path)'")
    }
    try fixture.secret.write(Array("c\n".utf8))
    try fixture.expectRefusal("holds a secret of 1 bytes, which can be guessed")
    try fixture.secret.write(Array((Self.secret + Self.secret).utf8))
    try fixture.expectRefusal("has several lines")
  }

  @Test("A configuration that is cut, at the end of a line, too, or is empty, does not come into force")
  func configuration() throws {
    let fixture = try Fixture()
    let lines = fixture.text.split(separator: "\n", omittingEmptySubsequences: true).map { "\($0)\n" }
    try fixture.config.write(Array(lines.dropLast().joined().utf8))
    try fixture.expectRefusal(
      "access: '\(fixture.access.path)' is in force, and is not given any more; give access no if")
    try fixture.config.write(Array(fixture.text.utf8.dropLast()))
    try fixture.expectRefusal("does not end its last line")
    try fixture.config.write(Array(fixture.text.utf8.dropLast(3)))
    try fixture.expectRefusal("cannot be read: No such file or directory")
    try fixture.config.write([])
    try fixture.expectRefusal("listen: 'tcp://127.0.0.1:0' is in force, and none is given any more")
    try fixture.config.write(Array((fixture.text + fixture.text).utf8))
    try fixture.expectRefusal("was given on line")
  }

  @Test("A configuration that has lost its only listen line does not come into force")
  func listeners() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let base =
      "log-level info\nopen\ncert \(files.path("server.pem"))\nkey \(files.path("server.key"))\n"
      + "cacert \(files.path("ca.pem"))\n"
    try files.write("config", base + "listen tls://127.0.0.1:0?auth=cert\n")
    let server = try ServerProcess(["--config", files.path("config")], listen: nil, level: nil)
    func reload() throws -> (output: String, errors: String, code: Int32) {
      try runToEnd(["--reload", "\(server.process.processIdentifier)"])
    }
    try files.write("config", base)
    let failed = try reload()
    let reason =
      "listen: 'tls://127.0.0.1:0?auth=cert' is in force, and none is given any more; give listen tls://*:8787"
    #expect(failed.code == 1 && failed.errors.contains(reason), "\(failed)")
    let stranger = try TLSClient(port: try server.port(of: "tls"), authority: authority)
    try stranger.handshake()
    stranger.send("LOGIN admin open\n")
    stranger.expect("401 cert\n")
    // A listener that stays may offer more: the log says so.
    try files.write("config", base + "listen tls://127.0.0.1:0\n")
    #expect(try reload().code == 0)
    try server.waitForLog(" notice reload config=ok certificates=ok changed=\"listen\"")
    let offer = try server.waitForLog(" auth=cert,open")
    #expect(offer.contains(" notice listen address=tls://127.0.0.1:"))
  }

  @Test("Access rules that are taken away on purpose are")
  func onPurpose() throws {
    let fixture = try Fixture()
    let text = fixture.text.replacingOccurrences(of: "access \(fixture.access.path)", with: "access no")
    try fixture.config.write(Array(text.utf8))
    #expect(try runToEnd(["--reload", "\(fixture.server.process.processIdentifier)"]).code == 0)
    let anybody = try fixture.server.login("stranger")
    anybody.send("MCAST status/other/7 x\n")
    anybody.expect("200\n")
  }

  @Test("A start warns of a file whose last line does not end, and --check refuses it")
  func start() throws {
    let access = try TemporaryFile("allow * login")
    let arguments = ["--open", "--access", access.path]
    let server = try ServerProcess(arguments)
    let line = try server.waitForLog(
      " warning config odd because=\"--access: '\(access.path)' does not end its last line")
    #expect(line.hasSuffix("; a reload would refuse it\""))
    let check = try runToEnd(["--listen", "tcp://127.0.0.1:0", "--check"] + arguments)
    #expect(check.code == 2 && check.errors.hasPrefix("ssmpd: --access: '\(access.path)' does not end its last line"))
  }

  @Test("Certificates and lists that are cut, anywhere in the second of two, or behind it, do not come into force")
  func certificates() throws {
    let server = try TLSServer(revocations: { try $0.revocationList(revoking: []) })
    let old = try server.login("pump")
    let other = try TestCertificate.authority("Other CA")
    for (name, second) in [("ca.pem", other.certificatePEM), ("crl.pem", try other.revocationList(revoking: []))] {
      let first = try String(contentsOfFile: server.files.path(name), encoding: .utf8)
      for cut in [1, 2, 20, 40, 200, second.utf8.count - 12] {
        try server.files.write(name, first + second.dropLast(cut))
        try server.reloadAndWait()
        let line = try #require(server.process.logLines.last { $0.contains(" reload ") })
        #expect(line.contains("reload failed: "), "\(name) without its last \(cut) bytes: \(line)")
      }
      for (what, text) in [
        ("indented", first + " " + second),
        (
          "with another label",
          first
            + second.replacingOccurrences(of: "BEGIN ", with: "BEGIN TRUSTED ").replacingOccurrences(
              of: "END ", with: "END TRUSTED ")
        ),
        ("of another kind", first + other.keyPEM),
      ] {
        try server.files.write(name, text)
        try server.reloadAndWait()
        let line = try #require(server.process.logLines.last { $0.contains(" reload ") })
        #expect(line.contains("reload failed: "), "\(name) \(what): \(line)")
      }
      try server.files.write(name, first)
    }
    old.expectQuiet()
  }

  @Test("With --crl gone from the settings nothing is put in force, unless it is meant")
  func revocations() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let thief = try authority.device("thief")
    try files.write("crl.pem", try authority.revocationList(revoking: [thief]))
    let base =
      "listen tls://127.0.0.1:0\nlog-level info\ncert \(files.path("server.pem"))\nkey \(files.path("server.key"))\n"
      + "cacert \(files.path("ca.pem"))\n"
    try files.write("config", base + "crl \(files.path("crl.pem"))\n")
    let server = try ServerProcess(["--config", files.path("config")], listen: nil, level: nil)
    let port = try server.port(of: "tls")
    try files.write("config", base)
    let failed = try runToEnd(["--reload", "\(server.process.processIdentifier)"])
    #expect(
      failed.code == 1 && failed.errors.contains("crl: '\(files.path("crl.pem"))' is in force"), "\(failed.errors)")
    try TLSClient(port: port, authority: authority, certificate: thief).expectRefusal("certificate revoked")
    try files.write("config", base + "crl no\n")
    #expect(try runToEnd(["--reload", "\(server.process.processIdentifier)"]).code == 0)
    let client = try TLSClient(port: port, authority: authority, certificate: thief)
    try client.handshake()
    client.send("LOGIN thief cert\n")
    client.expect("200\n")
  }

  @Test("A list that only the old key of an authority of the same name has signed is warned of")
  func rekeyed() throws {
    let old = try TestCertificate.authority("Appliance CA")
    let new = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(old)
    try files.write("ca.pem", old.certificatePEM + new.certificatePEM)
    try files.write("crl.pem", try old.revocationList(revoking: []))
    let server = try ServerProcess(files.arguments + ["--crl", files.path("crl.pem")], listen: "tls://127.0.0.1:0")
    try server.waitForLog(" warning tls odd because=\"--crl has no revocation list by CN=Appliance CA: ")
    #expect(server.logLines.contains { $0.contains("(the list by that name is signed with another key)") })
  }
}
