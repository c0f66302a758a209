// Bytes through TLS.

import Foundation
import TLSHarness
import Testing

@Suite("TLS streams")
struct TLSStreamTests {
  @Test("Handshake and requests may be cut at every byte, and come in the same pieces", arguments: [TLS.v12, TLS.v13])
  func splitAtEveryByte(version: Int32) throws {
    let server = try TLSServer()
    let certificate = try server.authority.device("pump")
    // Each byte of the handshake and of the records behind it is a segment of its own.
    for size in [1, 2, 7, 100] {
      let client = try server.connect(certificate, splitting: size, maximum: version)
      client.send("LOGIN pump cert\nPING\nSUBSCRIBE t\nUCAST pump hello\n")
      client.expect("200\n000 . PONG\n200\n000 pump UCAST pump hello\n200\n")
      client.expectQuiet()
    }
  }

  @Test("Requests that come with the last flight of the handshake are served", arguments: [TLS.v12, TLS.v13])
  func requestsWithHandshake(version: Int32) throws {
    let server = try TLSServer()
    let client = try TLSClient(
      port: try server.process.port(of: "tls"), authority: server.authority,
      certificate: try server.authority.device("pump"), maximum: version)
    client.isHolding = version == TLS.v13
    try client.handshake()
    client.send("LOGIN pump cert\n")
    client.send("PING\nUCAST pump a\n")
    client.release()
    client.expect("200\n000 . PONG\n000 pump UCAST pump a\n200\n")
  }

  @Test("One request over many records, and many requests in one record")
  func records() throws {
    let server = try TLSServer()
    let client = try server.login("pump")
    for byte in "UCAST pump in pieces\n".utf8 { client.send([byte]) }
    client.expect("000 pump UCAST pump in pieces\n200\n")
    let count = 1500
    client.send(String(repeating: "UCAST pump x\n", count: count))
    var events = 0
    for _ in 0..<2 * count { events += try client.line() == "000 pump UCAST pump x\n" ? 1 : 0 }
    #expect(events == count)
    client.expectQuiet()
  }

  @Test(
    "Two devices that flood each other lose nothing and see everything in order",
    arguments: [(1, TLS.v13), (2, TLS.v12)])
  func flood(loops: Int, version: Int32) throws {
    let server = try TLSServer(["--loops", "\(loops)", "--max-pending", "16MiB"])
    let names = ["a", "b"]
    let total = 5000
    let text = String(repeating: "t", count: 700)
    let clients = try names.map { name in
      let client = try server.connect(try server.authority.device(name), maximum: version)
      client.send("LOGIN \(name) cert\n")
      client.expect("200\n")
      return client
    }
    try inParallel(2) { own in
      let peer = names[1 - own]
      var next = 0
      var replies = 0
      for first in stride(from: 0, to: total, by: 50) {
        clients[own].send((first..<first + 50).map { "UCAST \(peer) \($0) \(text)\n" }.joined())
        while replies < first + 50 || next < first {
          let line = try clients[own].line()
          if line == "200\n" {
            replies += 1
          } else {
            try #require(line == "000 \(peer) UCAST \(names[own]) \(next) \(text)\n")
            next += 1
          }
        }
      }
      while next < total {
        let line = try clients[own].line()
        try #require(line == "000 \(peer) UCAST \(names[own]) \(next) \(text)\n")
        next += 1
      }
    }
    for client in clients { client.expectQuiet() }
    #expect(try server.process.report()["pending"] == 0)
  }

  @Test("A device that does not read is closed at --max-pending, and harms nobody")
  func slowReader() throws {
    let server = try TLSServer(["--max-pending", "256KiB", "--write-timeout", "60s"])
    let stalled = try server.login("stalled")
    let sender = try server.loginHub("sender")
    let text = String(repeating: "t", count: 1000)
    var number = 0
    while !server.process.logLines.contains(where: { $0.contains("close reason=pending-limit id=stalled") }) {
      try #require(number < 40_000, "the limit was not kept")
      sender.send(String(repeating: "UCAST stalled \(text)\n", count: 50))
      for _ in 0..<50 { _ = try sender.line() }
      number += 50
    }
    sender.expectQuiet()
    // What it reads at last are whole messages, and the end.
    let got = String(decoding: stalled.readAll(), as: UTF8.self)
    #expect(got.hasPrefix("000 sender UCAST stalled \(text)\n"))
    #expect(stalled.hasEnded)
    #expect(try server.process.report()["pending"] == 0)
  }

  @Test("Output that had to wait is sent in whole messages and in order when the device reads again")
  func backlog() throws {
    let server = try TLSServer(["--max-pending", "64MiB", "--write-timeout", "60s"])
    let reader = try server.login("reader")
    let sender = try server.loginHub("sender")
    let total = 12_000
    let text = String(repeating: "t", count: 1000)
    for first in stride(from: 0, to: total, by: 100) {
      sender.send((first..<first + 100).map { "UCAST reader \($0) \(text)\n" }.joined())
      for _ in 0..<100 { _ = try sender.line() }
    }
    #expect(try server.process.report()["pending", default: 0] > 1 << 20)
    for number in 0..<total { try #require(try reader.line() == "000 sender UCAST reader \(number) \(text)\n") }
    reader.expectQuiet()
    try eventually("nothing is pending") { try server.process.report()["pending"] == 0 }
  }

  @Test("close_notify comes before the end: after CLOSE, after an error, and when the server goes down")
  func closeNotify() throws {
    let server = try TLSServer()
    for (request, answer) in [("CLOSE\n", "200\n"), ("bad\n", "400\n")] {
      let client = try server.login("pump")
      client.send(request)
      client.expect(answer)
      client.expectEnd()
      #expect(client.hasReceivedCloseNotify)
    }
    let client = try server.login("pump")
    #expect(server.process.stop() == 0)
    client.expectEnd()
    #expect(client.hasReceivedCloseNotify)
  }

  @Test(
    "A device that says close_notify, or shuts its side, has left when what it sent has been served",
    arguments: [true, false])
  func leaving(sayingSo: Bool) throws {
    let server = try TLSServer()
    let watcher = try server.login("watcher")
    watcher.send("SUBSCRIBE t PRESENCE\n")
    watcher.expect("200\n")
    let client = try server.login("pump")
    client.send("SUBSCRIBE t\nMCAST t bye\n")
    if sayingSo { client.closeNotify() } else { client.endOutput() }
    client.expect("200\n200\n")
    client.expectEnd()
    #expect(client.hasReceivedCloseNotify)
    watcher.expect("000 pump SUBSCRIBE t\n000 pump MCAST t bye\n000 pump UNSUBSCRIBE t\n")
    #expect(try server.process.report()["peer-closed"] == 1)
  }

  @Test("Keys are updated when the client asks for it, also while much is on its way")
  func keyUpdate() throws {
    let server = try TLSServer()
    let client = try server.login("pump")
    for round in 0..<20 {
      client.send("UCAST pump \(round)\n")
      client.requestKeyUpdate()
      client.send("UCAST pump again\n")
      client.expect("000 pump UCAST pump \(round)\n200\n000 pump UCAST pump again\n200\n")
    }
  }

  @Test("Garbage in the middle of a connection ends it, and no other")
  func garbage() throws {
    let server = try TLSServer()
    let other = try server.login("other")
    let client = try server.login("pump")
    client.sendRaw(Array("\u{17}\u{3}\u{3}\0\u{14}this is no ciphertext".utf8))
    client.expectEnd()
    other.expectQuiet()
    #expect(try server.process.report()["connection-lost"] == 1)
  }
}
