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

  @Test("An authority or a server with a weak key or one of an unknown kind keeps the server from starting")
  func unusable() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let strange = try CertificateFiles(
      try .selfSigned(options(.authority("Strange CA"), .sm2)), server: authority.server())
    let weak = try CertificateFiles(authority, server: try authority.issue(options(.server(), .rsa1024)))
    for (files, reason) in [
      (strange, "the key of CN=Strange CA is neither RSA, ECDSA, Ed25519 nor Ed448"), (weak, "ee key too small"),
    ] {
      for more in [[], ["--check"]] {
        let (_, errors, code) = try runToEnd(files.arguments + ["--listen", "tls://127.0.0.1:0"] + more)
        #expect(code == 2)
        #expect(errors == "ssmpd: --cert: '\(files.path("server.pem"))' cannot be used: \(reason)\n")
      }
    }
  }

  @Test("Where OpenSSL is configured to have other providers, those are used", arguments: [1, 2])
  func otherProviders(loops: Int) throws {
    let file = try TemporaryFile(
      """
      openssl_conf = openssl_init
      [openssl_init]
      providers = provider_sect
      [provider_sect]
      default = default_sect
      legacy = legacy_sect
      [default_sect]
      activate = 1
      [legacy_sect]
      activate = 1
      """)
    let server = try TLSServer(["--loops", "\(loops)"], after: "export OPENSSL_CONF='\(file.path)'")
    for version in [TLS.v12, TLS.v13] {
      try expectLogins(server, try server.authority.device("pump"), version)
    }
  }
}
