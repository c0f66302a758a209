// A well-behaved flood loses nothing.

import Foundation
import Testing

@Suite("Floods")
struct FloodTests {
  @Test("Two clients that flood each other and read lose nothing and see everything in order", arguments: [1, 2, 4])
  func pair(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--max-pending", "16MiB"])
    let flood = MutualFlood(
      try server.login("a"), try server.login("b"), total: 60_000, text: "some text that fills the line")
    try inParallel(MutualFlood.roles, flood.run)
    #expect(try server.report()["pending-limit"] == 0)
  }

  @Test("Eight clients that flood one reader lose nothing", arguments: [1, 2])
  func manyToOne(loops: Int) throws {
    // Room for all of it: on a busy machine the reader itself may have to wait for a core longer than anybody waits for it.
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--max-pending", "128MiB"])
    let reader = try server.login("reader")
    let senders = 8
    let each = 10_000
    try inParallel(senders + 1) { role in
      guard role > 0 else {
        var next = [Int](repeating: 0, count: senders)
        for _ in 0..<senders * each {
          let words = try reader.line().split(separator: " ")
          let sender = try #require(Int(words[1].dropFirst()))
          try #require(words[4] == "\(next[sender])", "sender \(sender) out of order")
          next[sender] += 1
        }
        return
      }
      let client = try server.login("s\(role - 1)")
      let text = String(repeating: "y", count: 600)
      for message in 0..<each {
        client.send("UCAST reader \(message) \(text)\n")
        if message % 50 == 49 { client.expect(String(repeating: "200\n", count: 50)) }
      }
    }
    reader.expectQuiet()
    #expect(try server.report()["pending-limit"] == 0)
  }

  @Test("A sender with several recipients is held back for a stalled one, but not for long; its other messages go on")
  func stalledRecipient() throws {
    let server = try ServerProcess(["--open", "--write-timeout", "60s", "--max-pending", "1MiB"])
    let stalled = try TestClient(port: server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    let sender = try server.loginHub("sender")
    let fast = try server.login("fast")
    let text = String(repeating: "z", count: 1000)
    var number = 0
    while try server.report()["slow-readers"] == 0 {
      try #require(number < 20_000, "the recipient never counted as slow")
      for _ in 0..<500 { sender.send("UCAST stalled \(text)\n") }
      for _ in 0..<500 { _ = try sender.line() }
      number += 500
    }
    sender.send("UCAST fast hello\n")
    fast.expect("000 sender UCAST fast hello\n")
    #expect(try server.report()["held-for-client", default: 0] > 0)
  }
}
