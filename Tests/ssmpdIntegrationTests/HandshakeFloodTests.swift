// Handshakes by the thousand, and peers that never finish them.

import Foundation
import TLSHarness
import Testing

@Suite("Handshake floods")
struct HandshakeFloodTests {
  @Test("Live traffic goes on beside a flood of handshakes", arguments: [1, 2])
  func liveTraffic(loops: Int) throws {
    let server = try TLSServer(["--loops", "\(loops)"])
    let live = try server.login("live")
    let certificate = try server.authority.device("pump")
    let port = try server.process.port(of: "tls")
    // All of them have said hello before the first is answered, or nearly.
    let flood = try (0..<120).map { _ in try TLSClient(port: port, certificate: certificate) }
    for client in flood { client.sendRaw(client.clientHello()) }
    for _ in 0..<50 { live.expectQuiet() }
    for client in flood { try client.handshake() }
    for (number, client) in flood.enumerated() {
      client.send("LOGIN pump/\(number) cert\n")
      client.expect("200\n")
    }
    live.expectQuiet()
    #expect(try server.process.report()["handshakes"] == 121)
  }

  @Test("Others are served beside a flood of key updates")
  func keyUpdates() throws {
    let server = try TLSServer(["--ping-interval", "10m"])
    let live = try server.login("live")
    let flood = try server.login("flood")
    flood.isHolding = true
    for _ in 0..<10_000 { flood.requestKeyUpdate() }
    flood.send("PING\n")
    try inParallel(2) { role in
      if role == 0 { return flood.release() }
      for _ in 0..<20 { live.expectQuiet() }
    }
    flood.expect("000 . PONG\n")
    live.expectQuiet()
  }

  @Test("A handshake that waits while its connection ends is not carried out on whoever has its place then")
  func placesOfTheDead() throws {
    let server = try TLSServer([
      "--login-timeout", "400ms", "--max-waiting-per-address", "0", "--listen", "tcp://127.0.0.1:0?auth=open",
    ])
    let port = try server.process.port(of: "tls")
    // More than can shake hands in the time.
    let flood = try (0..<700).map { _ in try TLSClient(port: port) }
    for client in flood { client.sendRaw(client.clientHello()) }
    let plainPort = try server.process.port(of: "tcp")
    for number in 0..<300 {
      let person = try TestClient(port: plainPort)
      person.send("LOGIN p\(number) open\n")
      person.expect("200\n")
      person.expectQuiet()
    }
    try eventually("the flood is gone") { try server.process.report()["connections"] == 0 }
    #expect(try server.process.report()["connection-lost"] == 0)
  }

  @Test("When all pending memory is used up, who has not logged in has to go before who has")
  func evictionOrder() throws {
    let server = try TLSServer([
      "--max-pending", "2MiB", "--max-total-pending", "4MiB", "--write-timeout", "60s", "--max-waiting-per-address",
      "0",
    ])
    let stalled = try server.login("stalled")
    let sender = try server.loginHub("sender")
    let text = String(repeating: "t", count: 1000)
    var number = 0
    while try server.process.report()["pending", default: 0] < 500_000 {
      try #require(number < 100)
      sender.send(String(repeating: "UCAST stalled \(text)\n", count: 100))
      for _ in 0..<100 { _ = try sender.line() }
      number += 1
    }
    // By now it has not drained for so long that it is closed first if memory is short because of output.
    usleep(2_200_000)
    let port = try server.process.port(of: "tls")
    let begun = try (0..<150).map { _ in
      let client = try TLSClient(port: port)
      client.sendRaw(client.clientHello())
      return client
    }
    try eventually("some had to go") { try server.process.report()["total-pending-limit", default: 0] > 20 }
    #expect(!server.process.logLines.contains { $0.contains("reason=total-pending-limit id=stalled") })
    sender.expectQuiet()
    withExtendedLifetime((stalled, begun)) {}
  }

  @Test(
    "Who is silent, or stops in the middle of its handshake, is cut at the login deadline; what it cost is given back")
  func deadline() throws {
    let server = try TLSServer(["--login-timeout", "700ms"])
    let port = try server.process.port(of: "tls")
    let certificate = try server.authority.device("pump")
    let silent = try TestClient(port: port)
    let half = try TLSClient(port: port, certificate: certificate)
    half.sendRaw(Array(half.clientHello().prefix(100)))
    let hello = try TLSClient(port: port, certificate: certificate)
    hello.sendRaw(hello.clientHello())
    let shaken = try server.connect(certificate)
    // One deadline for handshake and login together: nothing that comes extends it.
    var remaining = half.clientHello().dropFirst(100)
    while !half.hasEnded, !remaining.isEmpty {
      half.sendRaw([remaining.removeFirst()])
      _ = half.fill(30)
    }
    silent.expectEnd()
    hello.expectEnd()
    shaken.expectEnd()
    half.expectEnd()
    let report = try server.process.report()
    #expect(report["login-timeout"] == 4)
    #expect(report["pending"] == 0)
  }

  @Test("Of the connections that wait for their login one address may have some, and then room again (waiting-limit)")
  func waitingLimit() throws {
    let server = try TLSServer(["--max-waiting-per-address", "5", "--listen", "tcp://127.0.0.1:0?auth=open"])
    let device = try server.login("pump")
    let silent = try (0..<5).map { _ in try TestClient(port: try server.process.port(of: "tls")) }
    let refused = try TestClient(port: try server.process.port(of: "tcp"))
    refused.expectEnd()
    try server.process.waitForLog("refuse reason=waiting-limit peer=127.0.0.1 count=1")
    device.expectQuiet()
    silent[0].reset()
    try eventually("there is room") { try server.process.report()["connections"] == 5 }
    let person = try TestClient(port: try server.process.port(of: "tcp"))
    person.send("LOGIN ann open\n")
    person.expect("200\n")
    // Who has logged in does not count.
    for number in 0..<10 { try server.login("d\(number)").expectQuiet() }
    withExtendedLifetime(silent) {}
  }

  @Test("A few silent peers do not lock everybody out: by default an address may not take all there is")
  func defaultWaitingLimit() throws {
    let server = try TLSServer(["--max-connections", "40"])
    let port = try server.process.port(of: "tls")
    let silent = try (0..<30).map { _ in try TestClient(port: port) }
    try eventually("some are refused") { try server.process.report()["waiting-limit"] == 14 }
    #expect(try server.process.report()["connections"] == 16)
    withExtendedLifetime(silent) {}
  }

  @Test("Handshakes that are begun count as pending memory until they end")
  func pendingMemory() throws {
    let server = try TLSServer()
    let certificate = try server.authority.device("pump")
    let port = try server.process.port(of: "tls")
    let begun = try (0..<20).map { _ in
      let client = try TLSClient(port: port, certificate: certificate)
      client.sendRaw(client.clientHello())
      return client
    }
    try eventually("all have begun") { try server.process.report()["pending", default: 0] >= 20 * 40_000 }
    for client in begun { client.reset() }
    try eventually("all is given back") { try server.process.report()["pending"] == 0 }
  }

  @Test("Twenty thousand connections that come, shake hands or not, and break off leave neither memory nor descriptors")
  func cycles() throws {
    let server = try TLSServer()
    let port = try server.process.port(of: "tls")
    let certificate = try server.authority.device("pump")
    let session = try firstSession(server, certificate)
    func cycle(_ count: Int) throws {
      try inParallel(2) { thread in
        for number in 0..<count / 2 { try breakOff(number, port, certificate, session) }
      }
      try eventually("all have gone") { try server.process.report()["connections"] == 0 }
    }
    try cycle(2_000)
    let memory = server.process.residentKiB
    let descriptors = server.process.descriptorCount
    try cycle(18_000)
    #expect(server.process.descriptorCount == descriptors)
    #expect(try server.process.report()["pending"] == 0)
    guard !ServerProcess.isSanitized else { return }
    #expect(
      server.process.residentKiB - memory < 4096, "memory grew from \(memory) to \(server.process.residentKiB) KiB")
  }

  private func firstSession(_ server: TLSServer, _ certificate: TestCertificate) throws -> TLSSession? {
    let client = try server.connect(certificate)
    client.send("LOGIN pump cert\n")
    client.expect("200\n")
    return client.session()
  }

  /// A connection that ends at one of the places where one can.
  private func breakOff(_ number: Int, _ port: UInt16, _ certificate: TestCertificate, _ session: TLSSession?) throws {
    // Full handshakes are the slow ones.
    switch number % 16 {
    case 0:
      let client = try TLSClient(port: port, certificate: certificate)
      try client.handshake()
      client.send("LOGIN pump/\(number) cert\nSUBSCRIBE t\n")
      _ = client.fill(1000)
      if number % 32 == 0 { client.reset() }
    case 1, 2:
      let client = try TLSClient(port: port, session: session)
      try client.handshake()
      if number % 2 == 0 { client.closeNotify() } else { client.reset() }
    case 3, 4:
      let client = try TLSClient(port: port)
      client.sendRaw(client.clientHello())
      if number % 2 == 0 { client.reset() }
    case 5:
      let client = try TLSClient(port: port)
      client.sendRaw(Array(client.clientHello().prefix(50)))
    default:
      let client = try TestClient(port: port)
      if number % 16 < 10 { client.send("\u{16}\u{3}\u{1}\0\u{10}nonsense") }
      if number % 2 == 0 { client.reset() }
    }
  }
}
