// A server that comes late itself: what its clients have said in time counts.

import Foundation
import TLSHarness
import Testing

@Suite("Late server")
struct LateTests {
  /// Stops the server for a while, and calls `body` as soon as it stands still.
  private func stop(_ server: ServerProcess, for milliseconds: Int, _ body: () throws -> Void) throws {
    let pid = server.process.processIdentifier
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGCONT) }
    try eventually("it stands still") {
      try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).contains("State:\tT")
    }
    let end = DispatchTime.now() + .milliseconds(milliseconds)
    try body()
    while DispatchTime.now() < end { usleep(1000) }
  }

  /// Waits until a connection has been accepted, as its deadline counts from there.
  private func waitForConnections(_ count: Int, _ server: ServerProcess) throws {
    try eventually("it has been accepted") { try server.report()["connections"] == count }
  }

  @Test(
    "A LOGIN that came while the server stood still is served, though its time was up when the server went on",
    arguments: [(timeout: "2s", pause: 3000), (timeout: "500ms", pause: 900)])
  func login(timeout: String, pause: Int) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
    let server = try ServerProcess(["--open", "--login-timeout", timeout, "--listen", "unix:\(path)"])
    let clients = [try server.connect(), try TestClient(path: path)]
    try waitForConnections(2, server)
    try stop(server, for: pause) {
      for (number, client) in clients.enumerated() { client.send("LOGIN a\(number) open\n") }
    }
    for client in clients {
      client.expect("200\n")
      client.expectQuiet()
    }
    #expect(try server.report()["login-timeout"] == 0)
  }

  @Test("The same over TLS, with the handshake over or not begun", arguments: [true, false])
  func loginOverTLS(isEstablished: Bool) throws {
    let server = try TLSServer(["--login-timeout", "2s"])
    let client = try TLSClient(
      port: try server.process.port(of: "tls"), authority: server.authority,
      certificate: try server.authority.device("a"))
    if isEstablished { try client.handshake() }
    try waitForConnections(1, server.process)
    let pid = server.process.process.processIdentifier
    if isEstablished {
      try stop(server.process, for: 3000) { client.send("LOGIN a cert\n") }
    } else {
      Thread.detachNewThread {
        usleep(3_000_000)
        kill(pid, SIGCONT)
      }
      kill(pid, SIGSTOP)
      try client.handshake()
      client.send("LOGIN a cert\n")
    }
    client.expect("200\n")
    client.expectQuiet()
    try server.process.waitForLog(" warning late loop=0 ms=")
  }

  @Test("A client that has really said nothing is closed, when it has had its time without the server's standing still")
  func silent() throws {
    let server = try ServerProcess(["--open", "--login-timeout", "1s"])
    let client = try server.connect()
    try waitForConnections(1, server)
    try stop(server, for: 2500) { client.send("LOGIN a") }
    client.expectEnd()
    let line = try server.waitForLog("close reason=login-timeout")
    // The one second that it has, and those that do not count.
    #expect(!line.contains(" seconds=0 ") && !line.contains(" seconds=1 "))
  }

  @Test("Clients that have answered PING while the server stood still are not closed", arguments: [950, 2000])
  func pong(pause: Int) throws {
    let server = try ServerProcess(["--open", "--ping-interval", "4s", "--pong-timeout", "800ms", "--loops", "2"])
    let clients = try (0..<100).map { try server.login("c\($0)") }
    // PINGs are spread over an eighth of the interval.
    for client in clients { client.expect("000 . PING\n") }
    try stop(server, for: pause) {
      for client in clients { client.send("PONG\n") }
    }
    for client in clients { client.send("PING\n") }
    for client in clients { client.expect("000 . PONG\n") }
    #expect(try server.report()["pong-timeout"] == 0)
  }

  @Test(
    "A client that has read while the server stood still is not closed by the write time-out", arguments: [900, 1500])
  func write(pause: Int) throws {
    let server = try ServerProcess(["--open", "--write-timeout", "800ms", "--max-pending", "64MiB"])
    let reader = try TestClient(port: server.port, receiveBuffer: 4096)
    reader.send("LOGIN r open\nSUBSCRIBE t\n")
    reader.expect("200\n200\n")
    let writer = try server.login("w")
    // The server may stop reading from it until the reader has read.
    Thread.detachNewThread {
      writer.send(String(repeating: "MCAST t \(String(repeating: "x", count: 1000))\n", count: 1000) + "UCAST r end\n")
    }
    try eventually("something is pending") { try server.report()["pending", default: 0] > 0 }
    try stop(server, for: pause) { _ = reader.readAll(quietFor: 50) }
    // It takes what is left, and is there.
    var line = ""
    while line != "000 w UCAST r end\n" { line = try reader.line() }
    #expect(try server.report()["write-timeout"] == 0)
  }
}
