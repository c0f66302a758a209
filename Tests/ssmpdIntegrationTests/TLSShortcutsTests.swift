// Servers that do without shortcuts with OpenSSL.

import Foundation
import TLSHarness
import Testing

@Suite("TLS without shortcuts")
struct TLSShortcutsTests {
  private func export(_ words: String) -> String { "export SSMPD_TLS_PLAIN=\(words)" }

  private func login(_ client: TLSClient, _ id: String) {
    client.send("LOGIN \(id) cert\n")
    client.expect("200\n")
  }

  @Test(
    "A server without shortcuts serves a handshake, resumes its session again and again, and reloads revocations",
    arguments: ["slimming", "records", "contexts", "provider", "slimming,contexts", "all"])
  func serves(words: String) throws {
    for version in [TLS.v12, TLS.v13] {
      let server = try TLSServer(
        ["--loops", "2"], after: export(words), revocations: { try $0.revocationList(revoking: []) })
      let device = try server.authority.device("pump")
      let stays = try server.login("valve")
      let first = try server.connect(device, maximum: version)
      login(first, "pump/first")
      var session = try #require(first.session(), "no session ticket came")
      var resumed: [TLSClient] = []
      for number in 0..<3 {
        let client = try server.connect(session: session, maximum: version)
        #expect(client.wasResumed)
        login(client, "pump/\(number)")
        client.send("UCAST valve hello\n")
        client.expect("200\n")
        stays.expect("000 pump/\(number) UCAST valve hello\n")
        if version == TLS.v13 { session = try #require(client.session(after: session), "no new ticket came") }
        resumed.append(client)
      }
      try server.files.write("crl.pem", try server.authority.revocationList(revoking: [device]))
      try server.reloadAndWait()
      for client in [first] + resumed { client.expectEnd() }
      #expect(try server.process.report()["certificate-revoked"] == 4)
      let client = try TLSClient(port: try server.process.port(of: "tls"), certificate: device, session: session)
      client.expectRefusal("certificate revoked")
      #expect(!client.wasResumed)
      stays.expectQuiet()
    }
  }

  @Test(
    "A ticket with a record of the client is good only for a server that makes such tickets, and the other way round",
    .enabled(if: OpenSSL.isVersion30, "there are no such tickets with this OpenSSL"))
  func otherTickets() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let files = try CertificateFiles(authority)
    let device = try authority.device("pump")
    var session: TLSSession?
    let servers = [("", false), ("", true), ("records", false), ("records", true), ("all", true), ("", false)]
    for (words, isResumed) in servers {
      let server = try ServerProcess(
        files.arguments + ["--ticket-keys", files.path("tickets")], listen: "tls://127.0.0.1:0", after: export(words))
      let client = try TLSClient(port: server.port, certificate: device, session: session)
      try client.handshake()
      #expect(client.wasResumed == isResumed, "\(words)")
      login(client, "pump")
      session = client.session(after: session)
      #expect(server.stop() == 0)
    }
  }

  @Test("A word that names no shortcut ends a start and a check with a line")
  func unknownWord() throws {
    for more in [[], ["--check"]] {
      let run = try runToEnd(
        ["--open", "--listen", "tcp://127.0.0.1:0"] + more, environment: ["SSMPD_TLS_PLAIN": "records,fast"])
      #expect(run.code == 2)
      #expect(
        run.errors == "ssmpd: SSMPD_TLS_PLAIN: 'fast' is not accepted; "
          + "give all, none, or some of slimming, records, contexts, provider\n")
    }
    #expect(try runToEnd(["--version"], environment: ["SSMPD_TLS_PLAIN": "fast"]).code == 0)
  }
}
