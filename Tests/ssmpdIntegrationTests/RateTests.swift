// How many requests a connection may make in a second.

import Foundation
import TLSHarness
import Testing

@Suite("Request rate limit")
struct RateTests {
  /// Sends `count` numbered messages at once, and checks that their replies come in time, none of them too early.
  private func flood(
    _ send: ([UInt8]) -> Void, _ line: () throws -> String, count: Int, rate: Int
  ) throws -> Double {
    let text = (0..<count).map { "MCAST t \($0)\n" }.joined()
    let start = DispatchTime.now().uptimeNanoseconds
    send(Array(text.utf8))
    for number in 0..<count {
      try #require(try line() == "200\n")
      let passed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      // One second's worth at once, and then no more than the rate; the server's clock is exact to some milliseconds.
      let allowed = Double(rate) + (passed + 0.05) * Double(rate)
      try #require(Double(number + 1) <= allowed + 1, "request \(number) was answered after \(passed) s")
    }
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  @Test("Who sends ten times as much is slowed down to the rate, loses nothing, and is not taken for silent")
  func flooded() throws {
    let server = try ServerProcess([
      "--open", "--max-rate", "100", "--ping-interval", "500ms", "--pong-timeout", "2s",
    ])
    let listener = try server.login("listener")
    listener.send("SUBSCRIBE t\n")
    listener.expect("200\n")
    let flooder = try server.login("flooder")
    // PINGs that come meanwhile are not answered before the flood is over.
    @Sendable func reply() throws -> String {
      while true {
        let line = try flooder.line()
        if line != "000 . PING\n" { return line }
      }
    }
    // It takes longer than PINGs are apart.
    try inParallel(2) { role in
      if role == 0 {
        let seconds = try flood({ flooder.send($0) }, reply, count: 400, rate: 100)
        #expect(seconds >= 2.8, "the limit has let through more than it says")
        return
      }
      var number = 0
      while number < 400 {
        let line = try listener.line()
        if line == "000 . PING\n" {
          listener.send("PONG\n")
        } else {
          try #require(line == "000 flooder MCAST t \(number)\n")
          number += 1
        }
      }
    }
    flooder.send("PONG\nPING\n")
    #expect(try reply() == "000 . PONG\n")
    let report = try server.report()
    #expect(report["throttled", default: 0] > 0)
    let line = try server.waitForLog(" throttle ")
    #expect(line.contains(" info throttle id=flooder peer=127.0.0.1:") && line.hasSuffix(" count=1"))
    #expect(!server.logLines.contains { $0.contains("id=flooder") && $0.contains(" close ") })
  }

  @Test("While one is slowed down, another is answered at once")
  func others() throws {
    let server = try ServerProcess(["--open", "--max-rate", "20"])
    let flooder = try server.login("flooder")
    let other = try server.login("other")
    flooder.send(String(repeating: "MCAST t x\n", count: 6000))
    try server.waitForLog(" throttle id=flooder")
    for _ in 0..<10 { other.expectQuiet() }
  }

  @Test("Over TLS it is the same")
  func tls() throws {
    let server = try TLSServer(["--max-rate", "50"])
    let client = try server.login("pump")
    let seconds = try flood({ client.send($0) }, { try client.line() }, count: 150, rate: 50)
    #expect(seconds >= 1.8)
    client.expectQuiet()
  }

  @Test("What was sent before CLOSE, or the end, is served in full, however long it takes")
  func endIsLast() throws {
    let server = try ServerProcess(["--open", "--max-rate", "50"])
    for ending in ["CLOSE\n", ""] {
      let client = try server.login("a")
      client.send(String(repeating: "MCAST t x\n", count: 120) + ending)
      client.endOutput()
      for _ in 0..<120 { client.expect("200\n") }
      if !ending.isEmpty { client.expect("200\n") }
      client.expectEnd()
    }
  }

  @Test("A client that stays below the rate is never slowed down, and without the option nobody is")
  func below() throws {
    for arguments in [["--max-rate", "1000"], []] {
      let server = try ServerProcess(["--open"] + arguments)
      let client = try server.login("a")
      client.send(String(repeating: "PING\n", count: 900))
      for _ in 0..<900 { client.expect("000 . PONG\n") }
      #expect(try server.report()["throttled"] == 0)
    }
  }

  @Test("Who pauses for longer than anybody may be silent is neither pinged nor closed")
  func silence() throws {
    let server = try ServerProcess([
      "--open", "--max-rate", "1", "--ping-interval", "200ms", "--pong-timeout", "200ms",
    ])
    let client = try server.login("a")
    client.send("PING\nMCAST t x\nPING\n")
    for reply in ["000 . PONG\n", "200\n", "000 . PONG\n"] {
      let line = try client.line()
      // Before its first request was read, and after the last one has been served, it may be asked whether it is there.
      if line != "000 . PING\n" { try #require(line == reply) } else { try #require(try client.line() == reply) }
    }
  }

  @Test("The server goes down at once although somebody is slowed down")
  func shutdown() throws {
    let server = try ServerProcess(["--open", "--max-rate", "1"])
    let client = try server.login("a")
    client.send(String(repeating: "PING\n", count: 100))
    try server.waitForLog(" throttle id=a")
    #expect(server.stop() == 0)
  }
}
