// Clients that do anything at any moment.

import Foundation
import FuzzHarness
import Testing

@Suite("Chaos")
struct ChaosTests {
  @Test(
    "After clients that send, read, stall, break off and take each other over at random, nothing is left behind",
    arguments: [1, 2, 4])
  func chaos(loops: Int) throws {
    let server = try ServerProcess(
      [
        "--open", "--loops", "\(loops)", "--max-pending", "256KiB", "--max-total-pending", "2MiB",
        "--write-timeout", "1s", "--ping-interval", "1s", "--pong-timeout", "1s", "--login-timeout", "1s",
      ], level: "notice")
    let seed = UInt64.random(in: 0 ... .max)
    print("chaos on \(loops) loops, seed \(seed)")
    try inParallel(4) { thread in
      var troublemaker = Troublemaker(port: server.port, seed: seed &+ UInt64(thread))
      for _ in 0..<600 { try troublemaker.act() }
    }
    try eventually("everybody has left") {
      let report = try server.report()
      return ["connections", "logged-in", "topics", "subscriptions", "pending"].allSatisfy { report[$0] == 0 }
    }
    let report = try server.report()
    let closes = try #require(server.logLines.last { $0.contains("report closes") })
    let sum = closes.split(separator: " ").compactMap { Int($0.split(separator: "=").last ?? "") }.reduce(0, +)
    #expect(report["accepted"] == sum, "each connection is closed for one reason")
    #expect(server.stop() == 0)
  }
}

/// A handful of connections, and something random that is done with one of them.
private struct Troublemaker {
  let port: UInt16
  var random: Chance
  var clients: [TestClient] = []

  init(port: UInt16, seed: UInt64) {
    self.port = port
    random = Chance(seed: seed)
  }

  mutating func act() throws {
    if clients.isEmpty || clients.count < 10 && random.once(in: 4) {
      let client = try TestClient(port: port, receiveBuffer: Bool.random(using: &random) ? 4096 : nil)
      _ = client.sendSome(Array("LOGIN \(name()) open\n".utf8))
      clients.append(client)
    }
    let index = random.below(clients.count)
    switch random.below(100) {
    case 0..<2: clients.remove(at: index).reset()
    case 2..<4: clients[index].endOutput()
    case 4: _ = clients[index].sendSome((0..<20).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 5: _ = clients[index].sendSome(Array("CLOSE\n".utf8))
    case 6..<55: flood(clients[index])
    default:
      clients.removeAll { client in
        client.skipSome()
        return client.hasEnded
      }
    }
  }

  /// Sends one request many times, now and then breaking off in the middle.
  private mutating func flood(_ client: TestClient) {
    let request = Array(request().utf8)
    let count = random.pick([1, 1, 5, 50, 300])
    var bytes = Array(repeatElement(request, count: count).joined())
    if random.once(in: 10) { bytes.removeLast(random.below(bytes.count)) }
    _ = client.sendSome(bytes)
  }

  private mutating func request() -> String {
    let topic = "t\(random.below(5))"
    let payload = String(repeating: "x", count: random.pick([1, 10, 1000]))
    let choices = [
      "SUBSCRIBE \(topic) PRESENCE\n", "SUBSCRIBE \(topic)\n", "UNSUBSCRIBE \(topic)\n", "MCAST \(topic) \(payload)\n",
      "UCAST \(name()) \(payload)\n", "BCAST \(payload)\n", "PING\n", "UCAST \(name()) \u{0}\u{4}a\nbc\n\n",
      "FOO bar \u{0}\u{0}x\n",
    ]
    return random.pick(choices)
  }

  private mutating func name() -> String { "c\(random.below(20))" }
}
