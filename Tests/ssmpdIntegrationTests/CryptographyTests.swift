// Keys, cipher suites and groups that are offered.

import Foundation
import TLSHarness
import Testing

@Suite("Cryptography")
struct CryptographyTests {
  typealias Key = CertificateOptions.Key

  private func options(_ options: CertificateOptions, _ key: Key) -> CertificateOptions {
    var options = options
    options.key = key
    return options
  }

  /// A device that logs in, and again with its session; several times, so that it meets each loop.
  private func expectLogins(_ server: TLSServer, _ device: TestCertificate, _ maximum: Int32) throws {
    for _ in 0..<4 {
      let client = try server.connect(device, maximum: maximum)
      client.send("LOGIN pump cert\n")
      client.expect("200\n")
      let again = try server.connect(session: client.session(), maximum: maximum)
      #expect(again.wasResumed)
      again.send("LOGIN pump cert\n")
      again.expect("200\n")
    }
  }

  @Test(
    "Authorities of each kind of key are trusted, and their revocation lists",
    arguments: [Key.p256, .p384, .rsa2048, .rsaPSS, .ed25519, .ed448], [TLS.v12, TLS.v13])
  func authorities(_ key: Key, version: Int32) throws {
    let authority = try TestCertificate.selfSigned(options(.authority("Appliance CA"), key))
    let thief = try authority.device("thief")
    let server = try TLSServer(
      ["--loops", "2"], authority: authority, revocations: { try $0.revocationList(revoking: [thief]) })
    try expectLogins(server, try authority.device("pump"), version)
    let client = try TLSClient(
      port: try server.process.port(of: "tls"), authority: authority, certificate: thief, maximum: version)
    client.expectRefusal("certificate revoked")
  }

  @Test(
    "Devices and servers have keys of each kind that TLS signs with", arguments: [Key.p256, .p384, .rsa2048, .ed25519],
    [TLS.v12, TLS.v13])
  func ends(_ key: Key, version: Int32) throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let server = try TLSServer(
      ["--loops", "2"], authority: authority, server: try authority.issue(options(.server(), key)))
    try expectLogins(server, try authority.issue(options(.device("pump"), key)), version)
  }

  @Test(
    "Devices may have keys of more kinds than servers", arguments: [Key.p521, .ed448, .rsaPSS], [TLS.v12, TLS.v13])
  func devices(_ key: Key, version: Int32) throws {
    let server = try TLSServer(["--loops", "2"])
    try expectLogins(server, try server.authority.issue(options(.device("pump"), key)), version)
  }

  @Test(
    "A device with a key of another kind is refused, and the log names it as far as it can be known",
    arguments: [Key.p224, .secp256k1, .brainpool])
  func otherDevices(_ key: Key) throws {
    let server = try TLSServer()
    let device = try server.authority.issue(options(.device("pump"), key))
    // In TLS 1.2 a client shows its certificate all the same.
    let old = try TLSClient(
      port: try server.process.port(of: "tls"), authority: server.authority, certificate: device, maximum: TLS.v12)
    old.expectRefusal("illegal parameter")
    let line = try server.process.waitForLog("login failed peer=127.0.0.1:")
    #expect(line.contains(" id=- scheme=cert reason=certificate subject=\"CN=pump\" because=\"wrong curve; its key is"))
    // In TLS 1.3 it sees that nothing that it could sign with is accepted, and shows none.
    let client = try server.connect(device)
    client.send("LOGIN pump cert\n")
    client.expect("401 cert\n")
    try server.process.waitForLog(" id=pump scheme=cert reason=no-certificate")
  }

  @Test(
    "A server's key that clients cannot use ends a start and a check with a line, and a reload leaves the old one",
    arguments: [Key.p521, .p224, .secp256k1, .brainpool, .ed448, .rsaPSS])
  func otherServers(_ key: Key) throws {
    let server = try TLSServer()
    try server.files.writeServer(try server.authority.issue(options(.server(), key)))
    let reason = "'\(server.files.path("server.pem"))' cannot be used: no client of TLS 1."
    for more in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(server.files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
      #expect(code == 2)
      #expect(errors.hasPrefix("ssmpd: --cert: \(reason)") && errors.contains("give one that is RSA"), "\(errors)")
    }
    try server.reloadAndWait()
    try server.process.waitForLog("reload failed: --cert: \(reason)")
    try server.login("pump").expectQuiet()
  }

  @Test("A reason that is not the kind of the key is not said to be")
  func otherReasons() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    func expectFault(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      for more in [[], ["--check"]] {
        let (_, errors, code) = try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
        let start = "ssmpd: --cert: '\(files.path("server.pem"))' cannot be used: no client of TLS 1.2 would get in: "
        #expect(code == 2 && errors == "\(start)\(reason)\n", "\(errors)", sourceLocation: sourceLocation)
      }
    }
    var options = CertificateOptions.server()
    options.keyUsage = "critical,keyAgreement"
    try files.writeServer(try authority.issue(options))
    try expectFault(
      "the handshake fails (no shared cipher); the key usage of its certificate lacks digitalSignature")
    let between = try authority.authority("between")
    let server = try between.server()
    try files.write("server.key", server.keyPEM)
    let chain = String(repeating: between.certificatePEM, count: 300)
    try files.write("server.pem", server.certificatePEM + chain)
    try expectFault("the handshake fails (excessive message size)")
  }

  @Test(
    "Authorities whose names no handshake can carry end a start and a check with a line, and a reload leaves the old")
  func tooManyAuthorities() throws {
    let server = try TLSServer()
    var authority = CertificateOptions.authority("")
    var text = server.authority.certificatePEM
    for number in 0..<600 {
      let name = "authority number \(number) of many ".padding(toLength: 60, withPad: "x", startingAt: 0)
      authority.commonNames = [Array(name.utf8)]
      authority.organization = String(repeating: "y", count: 60)
      text += try TestCertificate.selfSigned(authority).certificatePEM
    }
    try server.files.write("ca.pem", text)
    for more in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(server.files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
      #expect(code == 2)
      let start =
        "ssmpd: --cacert: '\(server.files.path("ca.pem"))' cannot be used: no client of TLS 1.2 would get in: "
      #expect(errors.hasPrefix(start) && errors.contains("all 601 authorities"), "\(errors)")
    }
    try server.reloadAndWait()
    try server.process.waitForLog("reload failed: --cacert: ")
    try server.login("pump").expectQuiet()
  }

  /// A start and a check that end because of this file.
  private func expectUnusable(_ files: CertificateFiles, _ option: String, _ name: String, _ reason: String) throws {
    for more in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
      #expect(code == 2)
      #expect(errors == "ssmpd: \(option): '\(files.path(name))' cannot be used: \(reason)\n")
    }
  }

  @Test("A server's certificate with a weak key keeps the server from starting")
  func weak() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority, server: try authority.issue(options(.server(), .rsa1024)))
    try expectUnusable(files, "--cert", "server.pem", "ee key too small")
  }

  @Test(
    "An authority with a key of an unknown kind keeps the server from starting",
    .enabled(if: ShortcutsUnderTest.haveReducedProvider, "OpenSSL's own provider knows that kind of key"))
  func unknownKind() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(
      try .selfSigned(options(.authority("Strange CA"), .sm2)), server: authority.server())
    try expectUnusable(
      files, "--cacert", "ca.pem", "the key of CN=Strange CA is neither RSA, ECDSA, Ed25519 nor Ed448")
  }

  /// A file of settings for OpenSSL that activates these providers.
  private func configuration(_ providers: [String]) throws -> TemporaryFile {
    try TemporaryFile(
      "openssl_conf = openssl_init\n[openssl_init]\nproviders = provider_sect\n[provider_sect]\n"
        + providers.map { "\($0) = \($0)_sect\n" }.joined()
        + providers.map { "[\($0)_sect]\nactivate = 1\n" }.joined())
  }

  @Test("Where OpenSSL is configured to have other providers, those are used", arguments: [1, 2])
  func otherProviders(loops: Int) throws {
    let settings = try configuration(["default", "legacy"])
    let prelude = "export OPENSSL_CONF='\(settings.path)'"
    let server = try TLSServer(["--loops", "\(loops)"], after: prelude)
    for version in [TLS.v12, TLS.v13] {
      try expectLogins(server, try server.authority.device("pump"), version)
    }
    // Of a kind that is not known otherwise.
    let strange = try CertificateFiles(
      try .selfSigned(options(.authority("Strange CA"), .sm2)), server: server.authority.server())
    _ = try ServerProcess(strange.arguments, listen: "tls://127.0.0.1:0", after: prelude)
  }

  @Test("Where OpenSSL has nothing for TLS, the server starts without TLS, and ends with a line with it")
  func noProvider() throws {
    let legacy = try configuration(["legacy"])
    let random = try TemporaryFile(
      "openssl_conf = openssl_init\n[openssl_init]\nrandom = random_sect\n[random_sect]\nrandom = NONE\n")
    let files = try CertificateFiles(try .authority("Appliance CA"))
    let reason = "'\(files.path("server.pem"))' cannot be used: OpenSSL is configured to have no random numbers"
    for settings in [legacy, random] {
      let environment = ["OPENSSL_CONF": settings.path]
      let plain = try runToEnd(["--check", "--listen", "tcp://127.0.0.1:0", "--open"], environment: environment)
      #expect((plain.output, plain.errors, plain.code) == ("ok\n", "", 0))
      for more in [[], ["--check"]] {
        let run = try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0"] + more, environment: environment)
        #expect(run.code == 2)
        #expect(run.errors == "ssmpd: --cert: \(reason)\n")
      }
    }
  }
}
