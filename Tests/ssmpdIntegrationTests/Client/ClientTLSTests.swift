// SSMPClient and the real ssmpd over TLS and other transports.

import Foundation
import SSMPClient
import TLSHarness
import Testing

@Suite("SSMPClient over TLS, IPv6 and unix sockets")
struct ClientTLSTests {
  /// A client's settings for a server of the test's, with the certificate of `device`.
  private func configuration(
    _ server: TLSServer, _ id: ID = "pump", host: String = "127.0.0.1", device: TestCertificate? = nil,
    authorities: String? = nil
  ) throws -> SSMPClient.Configuration {
    try server.files.write("device.pem", (device ?? server.authority.device("pump")).certificatePEM)
    if let device { try server.files.write("device.key", device.keyPEM) }
    var configuration = SSMPClient.Configuration(
      try .init("tls://\(host):\(try server.process.port(of: "tls"))"), login: .certificate(id),
      tls: .init(
        authorities: authorities ?? server.files.path("ca.pem"), certificate: server.files.path("device.pem"),
        key: server.files.path("device.key")))
    configuration.reconnection.firstPause = .milliseconds(1)
    configuration.reconnection.longestPause = .milliseconds(20)
    return configuration
  }

  @Test("A certificate logs in, by IP address and by name", arguments: ["127.0.0.1", "localhost"])
  func certificate(host: String) async throws {
    let server = try TLSServer()
    let configuration = try configuration(server, host: host, device: server.authority.device("pump"))
    try await SSMPClient.withClient(configuration) { client in
      var messages = client.messages.makeAsyncIterator()
      try await client.unicast("to myself", to: "pump")
      #expect(try await messages.next() == .unicast(from: "pump", "to myself"))
    }
  }

  @Test("A server whose certificate is for another host is not talked to", arguments: ["127.0.0.1", "localhost"])
  func wrongHost(host: String) async throws {
    let authority = try TestCertificate.authority("Appliance CA")
    var options = CertificateOptions.server()
    options.alternativeNames = [.dns("elsewhere.example"), .ip("127.0.0.9")]
    let server = try TLSServer(authority: authority, server: try authority.issue(options))
    let configuration = try configuration(server, host: host, device: authority.device("pump"))
    await expectUntrusted(configuration, "mismatch")
  }

  @Test("A server of an authority that is not trusted is not talked to")
  func wrongAuthority() async throws {
    let server = try TLSServer()
    try server.files.write("other.pem", try TestCertificate.authority("Other CA").certificatePEM)
    let configuration = try configuration(
      server, device: server.authority.device("pump"), authorities: server.files.path("other.pem"))
    await expectUntrusted(configuration, "the server's certificate is not accepted")
  }

  @Test("The system's trust store is used where no file is given, and does not know the test's authority")
  func system() async throws {
    let server = try TLSServer()
    let configuration = SSMPClient.Configuration(
      try .init("tls://127.0.0.1:\(try server.process.port(of: "tls"))"), login: .certificate("pump"))
    await expectUntrusted(configuration, "the server's certificate is not accepted")
  }

  @Test("A client certificate that the server does not accept is final")
  func strangeDevice() async throws {
    let server = try TLSServer()
    let stranger = try TestCertificate.authority("Other CA").device("pump")
    let configuration = try configuration(server, device: stranger)
    await expectUntrusted(configuration, "the server does not accept the client's certificate")
  }

  private func expectUntrusted(_ configuration: SSMPClient.Configuration, _ reason: String) async {
    do {
      _ = try await SSMPClient.connect(configuration)
      Issue.record("it has connected")
    } catch {
      guard case .untrusted(let text) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(text.contains(reason))
    }
  }

  @Test("Trusting anybody is possible, by the call that says so")
  func anybody() async throws {
    let server = try TLSServer(["--open"])
    let configuration = SSMPClient.Configuration(
      try .init("tls://127.0.0.1:\(try server.process.port(of: "tls"))"), login: .open("pump"), tls: .trustingAnybody())
    try await SSMPClient.withClient(configuration) { client in
      try await client.multicast("x", to: "t")
    }
  }

  @Test("Files that are missing or hold something else are named", arguments: ["missing", "garbage"])
  func files(kind: String) async throws {
    let server = try TLSServer()
    var configuration = try configuration(server, device: server.authority.device("pump"))
    if kind == "garbage" { try server.files.write("bad.pem", "no PEM\n") }
    configuration.tls = .init(authorities: server.files.path("bad.pem"))
    await expectUntrusted(configuration, "bad.pem")
  }

  @Test("A reconnection resumes the session, and uses a certificate that was renewed meanwhile")
  func reconnection() async throws {
    let server = try TLSServer(["--admin", TemporaryFile.newPath()], level: "debug")
    let configuration = try configuration(server, device: server.authority.device("pump"))
    let client = try await SSMPClient.connect(configuration)
    var topic = try await client.subscribe(to: "t").makeAsyncIterator()
    // Another login under the same identifier ends the client's connection.
    try displace(server)
    #expect(try await topic.next() == .interrupted)
    #expect(try await topic.next() == .resumed)
    try eventually("the session was resumed") {
      server.process.logLines.contains { $0.contains("resumed=true") }
    }
    // Renewed: another certificate of the same device.
    let renewed = try server.authority.device("pump")
    try server.files.write("device.pem", renewed.certificatePEM)
    try server.files.write("device.key", renewed.keyPEM)
    try displace(server)
    #expect(try await topic.next() == .interrupted)
    #expect(try await topic.next() == .resumed)
    await client.close()
  }

  private func displace(_ server: TLSServer) throws {
    let rival = try server.connect(try server.authority.device("pump"))
    rival.send("LOGIN pump cert\n")
    rival.expect("200\n")
  }

  @Test("A unix socket and IPv6 are connected to like any other")
  func transports() async throws {
    let path = TemporaryFile.newPath()
    let unix = try ServerProcess(["--open", "--listen", "unix:\(path)"])
    try await SSMPClient.withClient(.init(.init("unix:\(path)"), login: .open("a"))) { client in
      try await client.multicast("x", to: "t")
    }
    withExtendedLifetime(unix) {}
    let six = try ServerProcess(listen: "tcp://[::1]:0")
    try await SSMPClient.withClient(.init(.init("tcp://[::1]:\(six.port)"), login: .open("a"))) { client in
      try await client.multicast("x", to: "t")
    }
  }

  @Test("An unknown name, a refused port and a path without socket are unreachable, and say why")
  func unreachable() async throws {
    for (server, reason) in [
      ("tcp://name.invalid:8787", "no address of 'name.invalid' is known"), ("tcp://127.0.0.1:1", "Connection refused"),
      ("unix:/nowhere/ssmpd", "No such file"),
    ] {
      do {
        _ = try await SSMPClient.connect(.init(.init(server), login: .open("a")))
        Issue.record("it has connected to \(server)")
      } catch {
        guard case SSMPError.unreachable(let text) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(text.contains(reason))
      }
    }
  }
}
