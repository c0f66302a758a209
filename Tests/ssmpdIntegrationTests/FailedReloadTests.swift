// A reload that fails is seen by whoever looks.

import Foundation
import TLSHarness
import Testing

@Suite("Failed reloads")
struct FailedReloadTests {
  /// What can be wrong, by the file that it is in.
  enum Kind: String, CaseIterable {
    case config, secret, access, certificate, key, authorities, revocations
  }

  /// A server with files of all kinds.
  private final class Fixture: @unchecked Sendable {
    let server: ServerProcess
    let files: CertificateFiles
    private let admin = TemporaryFile.newPath()

    init() throws {
      let authority = try TestCertificate.authority("Appliance CA")
      files = try CertificateFiles(authority)
      try files.write("crl.pem", try authority.revocationList(revoking: []))
      try files.write("secret", "open sesame, open sesame\n")
      try files.write("access", "allow * login\n")
      let settings = [
        "listen tls://127.0.0.1:0", "cert \(files.path("server.pem"))", "key \(files.path("server.key"))",
        "cacert \(files.path("ca.pem"))", "crl \(files.path("crl.pem"))", "secret-file \(files.path("secret"))",
        "access \(files.path("access"))", "admin \(admin)", "metrics tcp://127.0.0.1:0", "log-level info",
      ]
      try files.write("config", settings.joined(separator: "\n") + "\n")
      server = try ServerProcess(["--config", files.path("config")], listen: nil, level: nil)
    }

    deinit { unlink(admin) }

    func name(of kind: Kind) -> String {
      switch kind {
      case .config: "config"
      case .secret: "secret"
      case .access: "access"
      case .certificate: "server.pem"
      case .key: "server.key"
      case .authorities: "ca.pem"
      case .revocations: "crl.pem"
      }
    }

    /// What `--reload` comes to.
    func reload() throws -> (output: String, errors: String, code: Int32) {
      try runToEnd(["--reload", "\(server.process.processIdentifier)"])
    }

    func http(_ path: String) throws -> String {
      let client = try TestClient(path: admin)
      client.send("GET \(path) HTTP/1.0\r\n\r\n")
      return String(decoding: client.readAll(), as: UTF8.self)
    }

    func samples() throws -> (isGood: Double?, ended: Double?, succeeded: Double?) {
      let samples = AdminServerProcess.samples(in: try http("/metrics"))
      return (
        samples["ssmpd_config_last_reload_successful"], samples["ssmpd_config_last_reload_timestamp_seconds"],
        samples["ssmpd_config_last_reload_success_timestamp_seconds"]
      )
    }
  }

  @Test(
    "Metrics, health check and --reload say so, for each kind of file, until one succeeds", arguments: Kind.allCases)
  func seen(kind: Kind) throws {
    let fixture = try Fixture()
    let before = try fixture.samples()
    #expect(before.isGood == 1 && before.ended == before.succeeded)
    #expect(try fixture.reload() == ("", "", 0))
    let path = fixture.files.path(fixture.name(of: kind))
    let good = try String(contentsOfFile: path, encoding: .utf8)
    // Half of it; and then nothing that could be read.
    for isMissing in [false, true] {
      if isMissing { unlink(path) } else { try fixture.files.write(fixture.name(of: kind), String(good.dropLast(9))) }
      let failed = try fixture.reload()
      #expect(failed.code == 1 && failed.output == "")
      #expect(failed.errors.hasPrefix("ssmpd: reload failed: ") && failed.errors.contains(path), "\(failed.errors)")
      let samples = try fixture.samples()
      #expect(samples.isGood == 0)
      #expect((samples.ended ?? 0) >= (samples.succeeded ?? .infinity))
      let health = try fixture.http("/healthz")
      #expect(health.hasPrefix("HTTP/1.1 200 ") || health.hasPrefix("HTTP/1.0 200 "), "\(health)")
      #expect(health.contains("\r\n\r\nok\nreload=failed seconds="))
    }
    try fixture.files.write(fixture.name(of: kind), good)
    #expect(try fixture.reload() == ("", "", 0))
    let after = try fixture.samples()
    #expect(after.isGood == 1 && after.ended == after.succeeded)
    #expect(try fixture.http("/healthz").hasSuffix("\r\n\r\nok\n"))
  }

  @Test("--reload says what keeps it from asking, and when nobody answers that it does not know")
  func nobody() throws {
    let missing = try runToEnd(["--reload", "2147483647"])
    #expect(missing.code == 1 && missing.errors.contains("cannot ask process 2147483647 to reload: "))
    for value in ["0", "-1", "x", "2147483648"] { #expect(try runToEnd(["--reload", value]).code == 2) }
  }

  @Test("--reload asks no process that is not ssmpd, which SIGHUP would end")
  func stranger() throws {
    let other = Process()
    other.executableURL = URL(fileURLWithPath: "/bin/sleep")
    other.arguments = ["60"]
    try other.run()
    defer { other.terminate() }
    let result = try runToEnd(["--reload", "\(other.processIdentifier)"])
    #expect(result.code == 1)
    #expect(
      result.errors
        == "ssmpd: process \(other.processIdentifier) is not ssmpd but 'sleep', and was not asked to reload\n")
    #expect(other.isRunning)
  }

  @Test("Several who ask at once are all told")
  func several() throws {
    let fixture = try Fixture()
    try inParallel(4) { _ in
      for _ in 0..<3 {
        let result = try fixture.reload()
        #expect(result == ("", "", 0))
      }
    }
    try fixture.files.write("secret", "")
    try inParallel(4) { _ in
      let result = try fixture.reload()
      #expect(result.code == 1)
    }
  }

  @Test("A signal without anybody who listens is a reload all the same")
  func bareSignal() throws {
    let fixture = try Fixture()
    kill(fixture.server.process.processIdentifier, SIGHUP)
    try fixture.server.waitForLog(" notice reload config=ok")
  }
}
