// Renewed certificates and lists that are worse than those in force.

import Foundation
import TLSHarness
import Testing

@Suite("Renewals")
struct RenewalTests {
  /// What OpenSSL's clients refuse when they verify a server.
  enum Fault: String, CaseIterable {
    case explicitCurve = "Certificate public key has explicit ECC parameters"
    case unknownExtension = "unhandled critical extension"
    case forClients, forSigning = "unsuitable certificate purpose"
    case strangeChain = "unable to get local issuer certificate"
    case noAuthority = "invalid CA certificate"

    var reason: String { self == .forClients ? Fault.forSigning.rawValue : rawValue }

    /// The certificate, and what stands behind it in its file.
    func make(_ authority: TestCertificate) throws -> (TestCertificate, more: String) {
      var options = CertificateOptions.server()
      switch self {
      case .explicitCurve: options.key = .p256Explicit
      case .unknownExtension: options.hasUnknownExtension = true
      case .forClients: options.extendedKeyUsage = "clientAuth"
      case .forSigning: options.keyUsage = "critical,cRLSign"
      case .strangeChain: return (try authority.server(), try TestCertificate.authority("Stranger").certificatePEM)
      case .noAuthority:
        let between = try authority.issue(CertificateOptions(commonNames: [Array("between".utf8)]))
        return (try between.issue(options), between.certificatePEM)
      }
      return (try authority.issue(options), "")
    }
  }

  @Test(
    "A certificate that no client verifies ends a start and a check with a line, and a reload leaves the old one",
    arguments: Fault.allCases)
  func refused(_ fault: Fault) throws {
    let server = try TLSServer()
    let (certificate, more) = try fault.make(server.authority)
    try server.files.write("server.pem", certificate.certificatePEM + more)
    try server.files.write("server.key", certificate.keyPEM)
    let reason =
      "'\(server.files.path("server.pem"))' cannot be used: clients refuse the certificate of CN=localhost: \(fault.reason)"
    for more in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(server.files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
      #expect(code == 2 && errors == "ssmpd: --cert: \(reason)\n", "\(errors)")
    }
    try server.reloadAndWait()
    try server.process.waitForLog("reload failed: --cert: \(reason)")
    try server.login("pump").expectQuiet()
  }

  @Test("A chain verifies in any order, with authorities that it does not need, which are warned of")
  func chains() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let between = try authority.authority("between")
    let (server, stranger) = (try between.server(), try TestCertificate.authority("Stranger"))
    let files = try CertificateFiles(authority, server: server)
    func check(_ chain: [TestCertificate]) throws -> (output: String, errors: String, code: Int32) {
      try files.write("server.pem", chain.map(\.certificatePEM).joined())
      return try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0", "--check", "--user", NSUserName()])
    }
    for more in [[], [between], [between, authority], [authority, between], [between, between]] {
      #expect(try check([server] + more) == ("ok\n", "", 0))
    }
    let odd = try check([server, between, stranger])
    #expect(odd.code == 0)
    #expect(
      odd.errors
        == "ssmpd: warning: --cert has CN=Stranger, which is not above the certificate of CN=localhost: "
        + "clients have no use for it\n")
  }

  @Test("A renewal that has expired, or is not valid yet, does not replace a good one", arguments: [true, false])
  func outOfTime(isExpired: Bool) throws {
    let server = try TLSServer()
    var options = CertificateOptions.server()
    (options.notBefore, options.notAfter) = isExpired ? (-7200, -3600) : (3600, 7200)
    try server.files.writeServer(try server.authority.issue(options))
    try server.reloadAndWait()
    let what = isExpired ? "has expired" : "is not valid yet"
    try server.process.waitForLog(
      "reload failed: --cert: '\(server.files.path("server.pem"))' holds the certificate of CN=localhost, which \(what)"
    )
    try server.login("pump").expectQuiet()
    // The same for authorities.
    try server.files.writeServer(try server.authority.server())
    var authority = CertificateOptions.authority("New CA")
    (authority.notBefore, authority.notAfter) = (options.notBefore, options.notAfter)
    let good = try String(contentsOfFile: server.files.path("ca.pem"), encoding: .utf8)
    let bad = try TestCertificate.selfSigned(authority).certificatePEM
    try server.files.write("ca.pem", bad)
    try server.reloadAndWait()
    try server.process.waitForLog(
      "reload failed: --cacert: '\(server.files.path("ca.pem"))' holds the certificate of CN=New CA, which \(what)")
    // Beside a good one it is only said.
    try server.files.write("ca.pem", good + bad)
    try server.reloadAndWait()
    #expect(server.process.logLines.last { $0.contains(" reload ") }?.contains(" reload certificates=ok") == true)
    try server.login("valve").expectQuiet()
  }

  @Test("What has expired while it was in force stays in force over a reload")
  func expiredInForce() throws {
    var options = CertificateOptions.server()
    (options.notBefore, options.notAfter) = (-7200, -3600)
    let authority = try TestCertificate.authority("Appliance CA")
    let server = try TLSServer(authority: authority, server: try authority.issue(options))
    try server.reloadAndWait()
    #expect(server.process.logLines.last { $0.contains(" reload ") }?.contains(" reload certificates=ok") == true)
  }

  @Test("A certificate that is no authority among the authorities is warned of, by a start, a check and a reload")
  func noAuthority() throws {
    let server = try TLSServer()
    let device = try server.authority.device("pinned")
    try server.files.write("ca.pem", server.authority.certificatePEM + device.certificatePEM)
    let warning = "--cacert has CN=pinned, which is no authority: it stands for itself alone"
    let check = try runToEnd(server.files.arguments + ["--listen", "tls://127.0.0.1:0", "--check"])
    #expect(check.code == 0 && check.errors.contains("ssmpd: warning: \(warning)"), "\(check)")
    try server.reloadAndWait()
    try server.process.waitForLog(" warning tls odd because=\"\(warning)")
    let other = try ServerProcess(server.files.arguments, listen: "tls://127.0.0.1:0")
    try other.waitForLog(" warning tls odd because=\"\(warning)")
    // It is what it may be meant for.
    let client = try server.connect(device)
    client.send("LOGIN pinned cert\n")
    client.expect("200\n")
  }

  @Test(
    "A revocation list that is older than the one in force, by number or by time, does not come into force again",
    arguments: [true, false])
  func olderList(hasNumbers: Bool) throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let thief = try authority.device("thief")
    func list(_ number: UInt64, _ revoked: [TestCertificate]) throws -> String {
      try authority.revocationList(
        revoking: revoked, lastUpdate: hasNumbers ? -60 : Int(number) * 60 - 6000,
        number: hasNumbers ? .some(number) : .some(nil))
    }
    let server = try TLSServer(authority: authority, revocations: { _ in try list(7, [thief]) })
    let path = server.files.path("crl.pem")
    func expectRefusal(_ content: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      try server.files.write("crl.pem", content)
      let result = try runToEnd(["--reload", "\(server.process.process.processIdentifier)"])
      #expect(result.code == 1, sourceLocation: sourceLocation)
      #expect(result.errors.contains("--crl: '\(path)' \(reason)"), "\(result)", sourceLocation: sourceLocation)
      try TLSClient(port: try server.process.port(of: "tls"), authority: authority, certificate: thief)
        .expectRefusal("certificate revoked")
    }
    let older = "holds a revocation list by CN=Appliance CA that is older than the one in force"
    try expectRefusal(try list(6, []), older)
    // It is gone, while its authority stays.
    let stranger = try TestCertificate.authority("Stranger").revocationList(revoking: [])
    try expectRefusal(stranger, "holds no revocation list by CN=Appliance CA, of which one is in force")
    // The newest of several counts, in whatever order they are.
    for lists in [[7, 6], [6, 7], [8]] as [[UInt64]] {
      try server.files.write("crl.pem", try lists.map { try list($0, [thief]) }.joined())
      try server.reloadAndWait()
      #expect(server.process.logLines.last { $0.contains(" reload ") }?.contains(" reload certificates=ok") == true)
    }
    try expectRefusal(try list(7, []), older)
    // A restart takes it.
    let restarted = try ServerProcess(server.files.arguments + ["--crl", path], listen: "tls://127.0.0.1:0")
    #expect(restarted.process.isRunning)
  }
}
