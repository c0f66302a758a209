// Memory that a flood has taken.

import Foundation
import TLSHarness
import Testing

@Suite("Memory after a flood", .enabled(if: !ServerProcess.isSanitized, "a sanitizer keeps what is freed"))
struct MemoryTests {
  /// Waits up to a minute until the server has no more than so many KiB more than before.
  private func waitFor(_ server: ServerProcess, below limit: Int, _ what: String) throws {
    let deadline = Date() + 60
    while server.residentKiB > limit, Date() < deadline { usleep(200_000) }
    #expect(server.residentKiB <= limit, "\(what): \(server.residentKiB) KiB, \(limit) KiB are wanted")
  }

  @Test("What stalled handshakes have taken is given back within a minute of quiet", arguments: [1, 2])
  func handshakes(loops: Int) throws {
    let server = try TLSServer(["--loops", "\(loops)", "--max-waiting-per-address", "0", "--login-timeout", "60s"])
    let stays = try server.login("stays")
    let port = try server.process.port(of: "tls")
    let hello = try TLSClient(port: port).clientHello()
    let before = server.process.residentKiB
    var stalled = try (0..<800).map { _ in
      let client = try TestClient(port: port)
      client.send(hello)
      return client
    }
    try eventually("all have begun") { try server.process.report()["pending", default: 0] >= 800 * 40_000 }
    let full = server.process.residentKiB
    #expect(full - before > 15_000)
    // Some at the end, so that the allocator cannot just cut off what is on top.
    let late = try (0..<3).map { try server.login("late\($0)") }
    stalled.removeAll()
    try eventually("the flood has gone") { try server.process.report()["connections"] == 4 }
    try waitFor(server.process, below: before + (full - before) / 4, "after \(full) KiB")
    withExtendedLifetime((stays, late)) {}
  }

  @Test(
    "What topics and subscriptions have taken in the tables is given back, while their client stays", arguments: [1, 2])
  func tables(loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-subscriptions", "1000000", "--ping-interval", "10m",
    ])
    let stays = try server.login("stays")
    stays.send("SUBSCRIBE kept PRESENCE\n")
    stays.expect("200\n")
    let client = try server.login("flood")
    let before = server.residentKiB
    func each(_ verb: String, _ count: Int) {
      for start in stride(from: 0, to: count, by: 500) {
        client.send((start..<start + 500).map { "\(verb) a-topic-with-a-name-of-some-length/\($0)\n" }.joined())
        for _ in 0..<500 { client.expect("200\n") }
      }
    }
    each("SUBSCRIBE", 60_000)
    let full = server.residentKiB
    #expect(full - before > 8_000)
    each("UNSUBSCRIBE", 60_000)
    try waitFor(server, below: before + (full - before) / 4, "after \(full) KiB")
    // All of it can be had again.
    client.send("SUBSCRIBE kept\n")
    client.expect("200\n")
    stays.expect("000 flood SUBSCRIBE kept\n")
    each("SUBSCRIBE", 2_000)
    client.send("UNSUBSCRIBE kept\n")
    client.expect("200\n")
    stays.expect("000 flood UNSUBSCRIBE kept\n")
  }
}
