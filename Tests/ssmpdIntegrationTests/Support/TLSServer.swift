// An ssmpd that speaks TLS, with certificates made for the test.

import Foundation
import TLSHarness
import Testing

/// A running ssmpd on a TLS port of the loopback interface, and the authority whose clients it trusts.
final class TLSServer: @unchecked Sendable {
  let authority: TestCertificate
  let files: CertificateFiles
  let process: ServerProcess

  /// - Parameters:
  ///   - arguments: more than the files; by default cert alone is offered.
  ///   - authority: whose clients are trusted; a new one by default.
  ///   - server: the server's certificate; one by that authority by default.
  ///   - prelude: what a shell does first.
  ///   - revocations: the content of `--crl`; none by default.
  init(
    _ arguments: [String] = [], listen: String = "tls://127.0.0.1:0", authority: TestCertificate? = nil,
    server: TestCertificate? = nil, after prelude: String? = nil,
    revocations: ((TestCertificate) throws -> String)? = nil, level: String = "info", descriptors: Int? = nil
  ) throws {
    self.authority = try authority ?? .authority("Appliance CA")
    files = try CertificateFiles(self.authority, server: server)
    var all = files.arguments + arguments
    if let revocations {
      try files.write("crl.pem", try revocations(self.authority))
      all += ["--crl", files.path("crl.pem")]
    }
    process = try ServerProcess(all, listen: listen, level: level, descriptors: descriptors, after: prelude)
  }

  /// A new connection whose handshake is complete.
  func connect(
    _ certificate: TestCertificate? = nil, session: TLSSession? = nil, splitting: Int? = nil,
    maximum: Int32 = TLS.v13
  ) throws -> TLSClient {
    let client = try TLSClient(
      port: try process.port(of: "tls"), authority: authority, certificate: certificate, maximum: maximum,
      session: session, splitting: splitting)
    try client.handshake()
    return client
  }

  /// A device with a certificate for `name` that has logged in under it.
  func login(_ name: String) throws -> TLSClient {
    let client = try connect(try authority.device(name))
    client.send("LOGIN \(name) cert\n")
    client.expect("200\n")
    return client
  }

  /// The same for a client that has just sent to somebody else, so that it does not wait for long for any recipient.
  func loginHub(_ name: String) throws -> TLSClient {
    let client = try login(name)
    let peer = try login("\(name)-peer")
    client.send("UCAST \(name)-peer x\n")
    client.expect("200\n")
    peer.expect("000 \(name) UCAST \(name)-peer x\n")
    return client
  }

  /// Asks the server to read its files again.
  func reload() { kill(process.process.processIdentifier, SIGHUP) }

  /// Asks the server to read its files again, and waits until it has.
  func reloadAndWait() throws {
    let before = process.logLines.count { $0.contains(" reload ") }
    reload()
    try eventually("the server has reloaded") { process.logLines.count { $0.contains(" reload ") } > before }
  }
}

/// Versions as OpenSSL numbers them.
enum TLS {
  static let v11: Int32 = 0x302
  static let v12: Int32 = 0x303
  static let v13: Int32 = 0x304
}

/// A folder with a server's certificates, which goes when its owner does.
final class CertificateFiles: @unchecked Sendable {
  private let folder: URL

  /// The certificate of an authority, and one for a server that it has issued.
  init(_ authority: TestCertificate, server: TestCertificate? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    try write("ca.pem", authority.certificatePEM)
    try writeServer(try server ?? authority.server())
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Writes a file that only its owner can read.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
  }

  func writeServer(_ certificate: TestCertificate) throws {
    try write("server.pem", certificate.certificatePEM)
    try write("server.key", certificate.keyPEM)
  }

  /// The options that name the files.
  var arguments: [String] {
    ["--cert", path("server.pem"), "--key", path("server.key"), "--cacert", path("ca.pem")]
  }
}
