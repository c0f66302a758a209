// What the server does when time passes.

import Foundation
import Testing

@Suite("Time-outs")
struct TimeoutTests {
  @Test("A client that sends nothing is closed without any response after the login time-out (Login; clause 15)")
  func loginTimeout() throws {
    let server = try ServerProcess(["--open", "--login-timeout", "150ms"])
    let client = try server.connect()
    let start = Date()
    client.expectEnd()
    #expect(Date().timeIntervalSince(start) >= 0.1)
    try server.waitForLog("close reason=login-timeout")
  }

  @Test("A client that has sent a part of a LOGIN is closed without any response, too (Login; clause 15)")
  func partOfLogin() throws {
    let server = try ServerProcess(["--open", "--login-timeout", "150ms"])
    let client = try server.connect()
    client.send("LOGIN a open")
    client.expectEnd()
    try server.waitForLog("close reason=login-timeout")
  }

  @Test("The login time-out is absolute: a client that sends a byte now and then is closed all the same (readings 11)")
  func dribbledLogin() throws {
    let server = try ServerProcess(["--open", "--login-timeout", "200ms"])
    let client = try server.connect()
    let start = Date()
    for byte in Array("LOGIN \(String(repeating: "a", count: 60))".utf8) where !client.hasEnded {
      client.send([byte])
      _ = client.fill(50)
    }
    client.expectEnd()
    #expect(Date().timeIntervalSince(start) < 2.5)
    try server.waitForLog("close reason=login-timeout")
  }

  @Test("A client that has logged in in time is not closed by the login time-out (Login)")
  func loginInTime() throws {
    let server = try ServerProcess(["--open", "--login-timeout", "500ms"])
    let client = try server.login("a")
    let late = try server.connect()
    // The later connection's time-out has passed, so the earlier one's would have, too.
    late.expectEnd()
    client.expectQuiet()
  }

  @Test("After the ping interval without a request the server sends PING from . (Server-initiated; clauses 30, 31)")
  func serverPings() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "100ms", "--pong-timeout", "10s"])
    let client = try server.login("a")
    client.expect("000 . PING\n")
    client.send("PONG\n")
    client.expect("000 . PING\n")
  }

  @Test("An anonymous user is sent PING, too (Server-initiated; clause 30)")
  func serverPingsAnonymous() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "100ms", "--pong-timeout", "10s"])
    let client = try server.login(".")
    client.expect("000 . PING\n")
  }

  @Test("Without an answer to its PING the server closes after the pong time-out, once pinged (clause 33)")
  func pongTimeout() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "100ms", "--pong-timeout", "150ms"])
    let client = try server.login("a")
    client.expect("000 . PING\n")
    client.expectEnd()
    try server.waitForLog("close reason=pong-timeout id=a")
  }

  @Test("A connection closed by the pong time-out leaves its topics, and watchers are told (Closing; clauses 33, 55)")
  func pongTimeoutUnsubscribes() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "300ms", "--pong-timeout", "600ms"])
    let watcher = try server.login("w")
    watcher.send("SUBSCRIBE t PRESENCE\n")
    watcher.expect("200\n")
    let silent = try server.login("a")
    silent.send("SUBSCRIBE t\n")
    silent.expect("200\n")
    watcher.expect("000 a SUBSCRIBE t\n")
    var line = try watcher.line()
    while line == "000 . PING\n" {
      watcher.send("PONG\n")
      line = try watcher.line()
    }
    #expect(line == "000 a UNSUBSCRIBE t\n")
  }

  @Test(
    "Any request answers the server's PING, not only PONG (Server-initiated; readings 13)",
    arguments: ["PONG\n", "MCAST t hello\n", "UNSUBSCRIBE t\n", "FOO\n"])
  func anyRequestIsLife(request: String) throws {
    let server = try ServerProcess(["--open", "--ping-interval", "100ms", "--pong-timeout", "1s"])
    let client = try server.login("a")
    var pings = 0
    client.send(request)
    // Twelve intervals are longer than the pong time-out.
    while pings < 12 {
      let line = try client.line()
      if line == "000 . PING\n" {
        pings += 1
        client.send(request)
      }
    }
    #expect(!client.hasEnded)
  }

  @Test("A part of a request is no sign of life: the pong time-out passes (clause 33)")
  func partOfRequestIsNoLife() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "100ms", "--pong-timeout", "200ms"])
    let client = try server.login("a")
    client.expect("000 . PING\n")
    client.send("PON")
    client.expectEnd()
  }

  @Test("No PING is sent while requests come (Server-initiated; clause 30)")
  func noPingWhileBusy() throws {
    let server = try ServerProcess(["--open", "--ping-interval", "1s", "--pong-timeout", "10s"])
    let client = try server.login("a")
    let end = Date() + 1.5
    while Date() < end {
      client.expectQuiet()
      usleep(10_000)
    }
    client.expect("000 . PING\n")
  }
}
