// Clients that are gone: what they had sent is served, and then they are, whatever they were waiting for.

import Foundation
import TLSHarness
import Testing

@Suite("Peers that are gone")
struct HangUpTests {
  /// How a client comes.
  enum Way: CaseIterable {
    case tcp, unix, tls
  }

  /// A connection that is logged in, without regard to what it goes through.
  private struct Connection {
    let send: (String) -> Void
    /// Ends it with what it was sent unread.
    let vanish: () -> Void
  }

  /// A server for one of the ways, and one for `TestClient` on TCP in any case.
  private final class Server {
    let process: ServerProcess
    private let tls: TLSServer?
    private let path: String

    init(_ way: Way, _ arguments: [String]) throws {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)").path
      let more = ["--listen", "unix:\(path)?auth=open", "--listen", "tcp://127.0.0.1:0?auth=open"] + arguments
      tls = way == .tls ? try TLSServer(more) : nil
      process = try tls?.process ?? ServerProcess(more, listen: nil)
    }

    func observer() throws -> TestClient {
      let client = try TestClient(port: try process.port(of: "tcp"))
      client.send("LOGIN observer open\n")
      client.expect("200\n")
      return client
    }

    func login(_ way: Way, _ name: String) throws -> Connection {
      switch way {
      case .tls:
        let client = try #require(tls).login(name)
        return Connection(send: { client.send($0) }, vanish: { client.reset() })
      case .tcp:
        let client = try TestClient(port: try process.port(of: "tcp"))
        client.send("LOGIN \(name) open\n")
        client.expect("200\n")
        return Connection(send: { client.send($0) }, vanish: { client.reset() })
      case .unix:
        var client: TestClient? = try TestClient(path: path)
        client?.send("LOGIN \(name) open\n")
        client?.expect("200\n")
        return Connection(send: { client?.send($0) }, vanish: { client = nil })
      }
    }
  }

  @Test(
    "A client that pauses for the rate limit and hangs up is gone in seconds, not in hours", arguments: Way.allCases)
  func paused(way: Way) throws {
    let server = try Server(way, ["--max-rate", "1"])
    let client = try server.login(way, "a")
    client.send(String(repeating: "PONG\n", count: 6000))
    try server.process.waitForLog(" throttle id=a")
    client.vanish()
    try server.process.waitForLog(" close reason=connection-lost id=a")
    #expect(try server.process.report()["connections"] == 0)
    #expect(try server.process.report()["pending"] == 0)
  }

  @Test(
    "A client that is not read from, since it reads nothing itself, and hangs up is gone at once",
    arguments: Way.allCases)
  func throttled(way: Way) throws {
    let server = try Server(way, ["--write-timeout", "1h", "--max-pending", "64KiB", "--ping-interval", "1h"])
    let client = try server.login(way, "a")
    // More than the kernel takes is pending then, and somebody else waits for this client.
    let observer = try server.observer()
    client.send("SUBSCRIBE t\n")
    let text = String(repeating: "x", count: 1000)
    // The server may stop reading from it until the client has read, or is gone.
    Thread.detachNewThread { observer.send(String(repeating: "MCAST t \(text)\n", count: 2000)) }
    try eventually("something is pending") { try server.process.report()["pending", default: 0] > 0 }
    client.vanish()
    try eventually("it is gone") { try server.process.report()["connections"] == 1 }
    observer.expect(String(repeating: "200\n", count: 2000))
    observer.expectQuiet()
  }

  @Test("A client that pauses and has shut its side does not stay longer than one that is silent")
  func halfClosed() throws {
    let server = try Server(.tcp, ["--max-rate", "1", "--ping-interval", "300ms", "--pong-timeout", "300ms"])
    let client = try TestClient(port: try server.process.port(of: "tcp"))
    client.send("LOGIN a open\n" + String(repeating: "PONG\n", count: 6000))
    client.expect("200\n")
    try server.process.waitForLog(" throttle id=a")
    client.endOutput()
    try server.process.waitForLog(" close reason=peer-closed id=a")
    _ = client.readAll()
    #expect(client.hasEnded && client.error == 0)
  }

  @Test("What a client had sent that has gone with its replies unread is served, all of it", arguments: Way.allCases)
  func unreadReplies(way: Way) throws {
    // The rate limit makes sure that some of it is left when sending replies begins to fail.
    let server = try Server(way, ["--max-rate", "3000"])
    let observer = try server.observer()
    observer.send("SUBSCRIBE t PRESENCE\n")
    observer.expect("200\n")
    let client = try server.login(way, "a")
    client.send("SUBSCRIBE t\n")
    observer.expect("000 a SUBSCRIBE t\n")
    client.send((0..<2200).map { "PING\nMCAST t \($0)\n" }.joined())
    try server.process.waitForLog(" throttle id=a")
    client.vanish()
    for number in 0..<2200 {
      guard observer.expect("000 a MCAST t \(number)\n") else { return }
    }
    observer.expect("000 a UNSUBSCRIBE t\n")
    try eventually("it is gone") { try server.process.report()["connections"] == 1 }
  }

  @Test("Publishers that close without reading a reply lose nothing that the kernel had taken over a unix socket")
  func publishers() throws {
    let server = try Server(.unix, [])
    let observer = try server.observer()
    observer.send("SUBSCRIBE t\n")
    observer.expect("200\n")
    let padding = String(repeating: "x", count: 80)
    for publisher in 0..<5 {
      let client = try server.login(.unix, "p\(publisher)")
      // More than the server reads at once, and all of it before it reads any.
      kill(server.process.process.processIdentifier, SIGSTOP)
      client.send((0..<1300).map { "MCAST t \($0) \(padding)\n" }.joined())
      client.vanish()
      kill(server.process.process.processIdentifier, SIGCONT)
      for number in 0..<1300 {
        guard observer.expect("000 p\(publisher) MCAST t \(number) \(padding)\n") else { return }
      }
    }
    try eventually("all are gone") { try server.process.report()["connections"] == 1 }
  }

  @Test("A client that resets in the middle of its handshake is gone at once")
  func handshaking() throws {
    let server = try Server(.tls, ["--login-timeout", "1h"])
    let client = try TestClient(port: try server.process.port(of: "tls"))
    client.send([22, 3, 1, 2, 0])
    try eventually("it is there") { try server.process.report()["connections"] == 1 }
    client.reset()
    try eventually("it is gone") { try server.process.report()["connections"] == 0 }
  }
}
