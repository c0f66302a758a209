// Who may log in by which certificate.

import Foundation
import TLSHarness
import Testing

@Suite("Login by certificate")
struct CertificateLoginTests {
  /// A kind of certificate, and the identifiers that it proves and that it does not.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let options: CertificateOptions
    var proven: [String] = []
    var unproven: [String] = []
  }

  private static func options(_ common: [String], _ alternative: [AlternativeName] = []) -> CertificateOptions {
    var options = CertificateOptions(commonNames: common.map { Array($0.utf8) }, alternativeNames: alternative)
    options.extendedKeyUsage = "clientAuth"
    return options
  }

  static let cases = [
    Case(
      testDescription: "Common Name", options: options(["pump-7"]), proven: ["pump-7"],
      unproven: ["pump", "pump-70", "Pump-7", "other", ".", "x/pump-7"]),
    Case(
      testDescription: "suffix behind a slash", options: options(["pump"]), proven: ["pump/1", "pump/a/b", "pump//"],
      unproven: ["pump/", "pumps/1", "pum/p"]),
    Case(
      testDescription: "Common Name beside alternative names", options: options(["pump"], [.dns("valve")]),
      proven: ["pump", "valve", "valve/2"], unproven: ["pump.valve"]),
    Case(
      testDescription: "DNS name", options: options([], [.dns("pump.example.com")]),
      proven: ["pump.example.com", "pump.example.com/1"], unproven: ["pump", "PUMP.example.com", "a.pump.example.com"]),
    Case(
      testDescription: "e-mail address", options: options([], [.email("ann@example.com")]), proven: ["ann@example.com"],
      unproven: ["ann", "example.com"]),
    Case(testDescription: "URI", options: options([], [.uri("urn:dev:7")]), proven: ["urn:dev:7"], unproven: ["dev:7"]),
    Case(
      testDescription: "IPv4 address", options: options([], [.ip("10.0.0.7")]), proven: ["10.0.0.7"],
      unproven: ["10.0.0.70", "10.0.0"]),
    Case(
      testDescription: "IPv6 address", options: options([], [.ip("2001:db8::7")]), proven: ["2001:db8::7"],
      unproven: ["2001:db8:0::7", "2001:DB8::7"]),
    Case(
      testDescription: "wildcard", options: options(["*"], [.dns("*.example.com")]), unproven: ["a.example.com", "a"]),
    Case(
      testDescription: "several Common Names", options: options(["one", "two"], [.dns("three")]), proven: ["three"],
      unproven: ["one", "two"]),
    Case(
      testDescription: "NUL in a name", options: options(["pump\0.evil"], [.dns("valve\0.evil")]),
      unproven: ["pump", "valve", ".evil"]),
    Case(testDescription: "no name at all", options: options([]), unproven: ["a", "."]),
    Case(testDescription: "empty names", options: options([""], [.dns("")]), unproven: ["/a", "a"]),
    Case(testDescription: "a dot", options: options(["."], [.dns(".")]), unproven: [".", "./a"]),
    Case(
      testDescription: "64 bytes and more",
      options: options(
        [String(repeating: "n", count: 64)], [.dns(String(repeating: "m", count: 65))]),
      proven: [String(repeating: "n", count: 64)], unproven: [String(repeating: "m", count: 64)]),
    Case(
      testDescription: "names of the issuer", options: options(["pump"]), proven: ["pump"],
      unproven: ["Appliance", "CA", "localhost"]),
  ]

  @Test(
    "LOGIN by cert succeeds for the names of the certificate, byte for byte, and fails for all others (Client certificate, clauses 23, 24)",
    arguments: cases)
  func names(_ one: Case) throws {
    let server = try TLSServer(["--open"])
    let certificate = try server.authority.issue(one.options)
    for (ids, answer) in [(one.proven, "200\n"), (one.unproven, "401 cert open\n")] {
      for id in ids {
        let client = try server.connect(certificate)
        client.send("LOGIN \(id) cert\n")
        client.expect(answer)
        if answer != "200\n" { client.expectEnd() }
      }
    }
  }

  @Test("Names of an intermediate authority do not count, and its certificate is found in what the client sends")
  func intermediate() throws {
    let server = try TLSServer()
    let between = try server.authority.authority("between")
    let port = try server.process.port(of: "tls")
    for (id, answer) in [("pump", "200\n"), ("between", "401 cert\n")] {
      let client = try TLSClient(port: port, certificate: try between.device("pump"), chain: [between])
      try client.handshake()
      client.send("LOGIN \(id) cert\n")
      client.expect(answer)
    }
  }

  @Test("Without a certificate cert is refused, and the other schemes of the listener are served over TLS (clause 58)")
  func otherSchemes() throws {
    let secret = try TemporaryFile("s3cret\n")
    let server = try TLSServer(["--open", "--secret-file", secret.path + "?short"])
    for (login, answer) in [
      ("a cert", "401 cert secret open\n"), ("a secret s3cret", "200\n"), ("a secret wrong", "401 cert secret open\n"),
      ("a open", "200\n"), (". open", "200\n"),
    ] {
      let client = try server.connect()
      client.send("LOGIN \(login)\n")
      client.expect(answer)
    }
    // A certificate does not stand in the way of another scheme either.
    let client = try server.connect(try server.authority.device("pump"))
    client.send("LOGIN other secret s3cret\n")
    client.expect("200\n")
  }

  @Test("401 lists what the listener offers, with ?auth= and without")
  func offered() throws {
    for (query, answer) in [("?auth=cert", "401 cert\n"), ("?auth=open,cert", "401 cert open\n"), ("", "401 cert\n")] {
      let server = try TLSServer(listen: "tls://127.0.0.1:0\(query)")
      let client = try server.connect()
      client.send("LOGIN a secret x\n")
      client.expect(answer)
      client.expectEnd()
      #expect(client.hasReceivedCloseNotify)
    }
  }

  @Test("Who logged in by cert is displaced by cert only, and then its certificate may be another one with that name")
  func takeover() throws {
    let server = try TLSServer(["--open"])
    let device = try server.login("pump")
    let intruder = try server.connect()
    intruder.send("LOGIN pump open\n")
    intruder.expect("401 cert open\n")
    device.expectQuiet()
    let successor = try server.login("pump")
    device.expectEnd()
    successor.expectQuiet()
  }

  @Test("Devices over TLS and a person on a plain loopback port share topics and presence", arguments: [1, 2])
  func sideBySide(loops: Int) throws {
    let server = try TLSServer(["--listen", "tcp://127.0.0.1:0?auth=open", "--loops", "\(loops)"])
    let device = try server.login("pump")
    device.send("SUBSCRIBE news PRESENCE\n")
    device.expect("200\n")
    let person = try TestClient(port: try server.process.port(of: "tcp"))
    person.send("LOGIN ann open\nSUBSCRIBE news\nMCAST news hello\nUCAST pump psst\n")
    person.expect("200\n200\n200\n200\n")
    device.expect("000 ann SUBSCRIBE news\n000 ann MCAST news hello\n000 ann UCAST pump psst\n")
    device.send("UCAST ann yes\n")
    device.expect("200\n")
    person.expect("000 pump UCAST ann yes\n")
  }
}
