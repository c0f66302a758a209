// What a start says about the files of TLS.

import Foundation
import TLSHarness
import Testing

@Suite("TLS files")
struct TLSFilesTests {
  private let authority: TestCertificate
  private let files: CertificateFiles

  init() throws {
    authority = try .authority("Appliance CA")
    files = try CertificateFiles(authority)
    try files.write("crl.pem", try authority.revocationList(revoking: []))
  }

  private func start(_ extra: [String] = []) throws -> (output: String, errors: String, code: Int32) {
    try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0", "--crl", files.path("crl.pem")] + extra)
  }

  /// Expects that a start, and a check, end with code 2 and one line that names the option, the file and the reason.
  private func expectFault(
    _ option: String, _ name: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for extra in [[], ["--check"]] {
      let (output, errors, code) = try start(extra)
      #expect(code == 2, sourceLocation: sourceLocation)
      #expect(output == "", sourceLocation: sourceLocation)
      #expect(errors.hasPrefix("ssmpd: \(option): '\(files.path(name))' \(reason)"), sourceLocation: sourceLocation)
      #expect(errors.count { $0 == "\n" } == 1 && errors.hasSuffix("\n"), sourceLocation: sourceLocation)
    }
  }

  @Test("Good files pass --check")
  func good() throws {
    let (output, errors, code) = try start(["--check", "--user", "\(NSUserName())"])
    #expect((output, errors, code) == ("ok\n", "", 0))
  }

  @Test(
    "A file that is missing, unreadable or not PEM ends the start with one line that names it",
    arguments: [
      ("--cert", "server.pem", "certificate"), ("--cacert", "ca.pem", "certificate"),
      ("--crl", "crl.pem", "revocation list"), ("--key", "server.key", "private key"),
    ])
  func broken(option: String, name: String, what: String) throws {
    let good = try String(contentsOfFile: files.path(name), encoding: .utf8)
    try files.write(name, "")
    try expectFault(option, name, "holds no \(what) in PEM form")
    try files.write(name, "no PEM at all\n")
    try expectFault(option, name, "holds no \(what) in PEM form")
    if name != "server.key" {
      try files.write(name, good.replacingOccurrences(of: "M", with: "N"))
      try expectFault(option, name, "holds a \(what) that cannot be read: ")
      // A good one, and a broken one behind it.
      try files.write(name, good + good.replacingOccurrences(of: "M", with: "N"))
      try expectFault(option, name, "holds a \(what) that cannot be read: ")
    }
    try FileManager.default.removeItem(atPath: files.path(name))
    try expectFault(option, name, "cannot be read: No such file or directory\n")
    try FileManager.default.createDirectory(
      atPath: files.path(name), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    try expectFault(option, name, "cannot be read: Is a directory\n")
  }

  @Test("A key that does not fit the certificate, is encrypted, or is open to everybody is refused")
  func keys() throws {
    let key = try String(contentsOfFile: files.path("server.key"), encoding: .utf8)
    try files.write("server.key", try authority.server().keyPEM)
    try expectFault("--key", "server.key", "does not fit the certificate in '\(files.path("server.pem"))'\n")
    try files.write("server.key", key)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.path("server.key"))
    try expectFault("--key", "server.key", "is open to everybody (mode 644); give it the mode 600 or 640\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: files.path("server.key"))
    #expect(try start(["--check"]).code == 0)
    try files.write("server.key", Self.encrypted)
    try expectFault("--key", "server.key", "is encrypted; give a key without a passphrase\n")
  }

  /// A private key with a passphrase.
  private static let encrypted = """
    -----BEGIN EC PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    -----END EC PRIVATE KEY-----

    """

  @Test("A revocation list that its authority has not signed is refused")
  func forgedList() throws {
    try files.write("crl.pem", try TestCertificate.authority("Appliance CA").revocationList(revoking: []))
    try expectFault("--crl", "crl.pem", "holds a revocation list whose signature by CN=Appliance CA is wrong\n")
  }

  @Test("A revocation list for a part of an issuer's certificates is refused: what it does not list may be revoked")
  func partialList() throws {
    try files.write("crl.pem", Self.partial)
    try expectFault("--crl", "crl.pem", "holds a revocation list by CN=Partial CA that is not complete by itself\n")
  }

  /// With the critical extension that says that it is for the certificates of users only.
  private static let partial = """
    -----BEGIN X509 CRL-----
    MIG0MFsCAQEwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKUGFydGlhbCBDQRcNMjYx
    MTIxMDM1NDU4WhgPMjEyNjEwMjgwMzU0NThaoBMwETAPBgNVHRwBAf8EBTADgQH/
    MAoGCCqGSM49BAMCA0kAMEYCIQD7P241LyWUcQbIhScjrPUAUGBPxU7FgqGUrpXw
    TW+51wIhALmbZ33eKXWPTtQr3ZcPmDQxGnDIK8EP49UUjjig3L2R
    -----END X509 CRL-----

    """

  @Test("Lists of nobody's and authorities without one are complained about, but do not keep the server from starting")
  func oddLists() throws {
    try files.write("crl.pem", try TestCertificate.authority("Stranger").revocationList(revoking: []))
    let server = try ServerProcess(files.arguments + ["--crl", files.path("crl.pem")], listen: "tls://127.0.0.1:0")
    try server.waitForLog(" warning tls odd because=\"--crl has no revocation list by CN=Appliance CA: ")
    let check = try start(["--check"])
    #expect(check.output == "ok\n" && check.code == 0)
    #expect(check.errors.contains("ssmpd: warning: --crl has no revocation list by CN=Appliance CA: "))
    try server.waitForLog(
      " warning tls odd because=\"--crl has a revocation list by CN=Stranger, which is not in --cacert")
  }

  @Test("An expired certificate is loudly warned of at start, where the clock may be dead, and an error in --check")
  func expired() throws {
    var options = CertificateOptions.server()
    (options.notBefore, options.notAfter) = (-7200, -3600)
    try files.writeServer(try authority.issue(options))
    let server = try ServerProcess(files.arguments, listen: "tls://127.0.0.1:0")
    try server.waitForLog(" error tls cert expired days=-1 name=\"CN=localhost\" file=\(files.path("server.pem"))")
    let check = try start(["--check"])
    #expect(check.code == 2)
    #expect(
      check.errors
        == "ssmpd: --cert: '\(files.path("server.pem"))' holds the certificate of CN=localhost, which has expired\n")
  }

  @Test(
    "The days until certificate, authority and list expire are logged at start and on reload, as a warning from 30 days on"
  )
  func days() throws {
    try files.write("crl.pem", try authority.revocationList(revoking: [], nextUpdate: 5 * 86_400 + 3600))
    let server = try ServerProcess(files.arguments + ["--crl", files.path("crl.pem")], listen: "tls://127.0.0.1:0")
    try server.waitForLog(" warning tls crl days=5 name=\"CN=Appliance CA\" file=\(files.path("crl.pem"))")
    let line = try server.waitForLog(" tls cert days=")
    #expect(line.contains(" notice "))
    try server.waitForLog(" tls cacert days=")
    try files.write("crl.pem", try authority.revocationList(revoking: [], nextUpdate: 40 * 86_400 + 3600))
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog(" notice tls crl days=40 name=\"CN=Appliance CA\"")
  }

  @Test("A file of ticket keys that others can read is refused, at start and by --check")
  func ticketKeys() throws {
    try files.write("tickets", "ssmpd ticket keys 1\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: files.path("tickets"))
    for extra in [[], ["--check"]] {
      let (_, errors, code) = try start(["--ticket-keys", files.path("tickets")] + extra)
      #expect(code == 2)
      #expect(
        errors
          == "ssmpd: --ticket-keys: '\(files.path("tickets"))' can be read by others (mode 644); give it the mode 600\n"
      )
    }
  }

  @Test("No key, secret or ticket key is ever logged")
  func nothingSecret() throws {
    let secret = try TemporaryFile("s3cret-s3cret\n")
    let server = try ServerProcess(
      files.arguments + ["--secret-file", secret.path + "?short", "--ticket-keys", files.path("tickets")],
      listen: "tls://127.0.0.1:0", level: "debug")
    let client = try TLSClient(port: server.port, certificate: try authority.device("pump"))
    try client.handshake()
    client.send("LOGIN pump secret s3cret-s3cret\n")
    client.expect("200\n")
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload secret-file=ok certificates=ok")
    let keys = try String(contentsOfFile: files.path("tickets"), encoding: .utf8).split { $0 == " " || $0 == "\n" }
    let log = server.logLines.joined(separator: "\n")
    #expect(!log.contains("s3cret-s3cret") && !log.contains("PRIVATE"))
    for key in keys where key.count > 20 { #expect(!log.contains(key)) }
  }
}
