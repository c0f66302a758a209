// Many connections that come and go.

import Foundation
import Testing

@Suite("Storms")
struct StormTests {
  @Test("A storm of takeovers leaves one connection, and watchers see it come and go in order", arguments: [1, 2, 4])
  func takeovers(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)"])
    let watcher = try server.login("watcher")
    watcher.send("SUBSCRIBE t PRESENCE\n")
    watcher.expect("200\n")
    try inParallel(8) { _ in
      for _ in 0..<60 {
        let client = try server.connect()
        client.send("LOGIN same open\nSUBSCRIBE t\n")
        // Once the login has been served: displaced at any moment, or not.
        client.fill(TestClient.patience)
        while client.fill(5) {}
      }
    }
    let last = try server.connect()
    last.send("LOGIN same open\nSUBSCRIBE t\n")
    last.expect("200\n200\n")
    watcher.send("UCAST watcher done\n")
    var isPresent = false
    var changes = 0
    while true {
      let line = try watcher.line()
      if line == "000 watcher UCAST watcher done\n" { break }
      if line == "200\n" { continue }
      try #require(line == (isPresent ? "000 same UNSUBSCRIBE t\n" : "000 same SUBSCRIBE t\n"))
      isPresent.toggle()
      changes += 1
    }
    #expect(isPresent)
    #expect(changes >= 60)
    last.expectQuiet()
    try eventually("only two connections are left") { try server.report()["connections"] == 2 }
  }

  @Test("A thousand connections that come and go at once leave nothing behind", arguments: [1, 4])
  func comingAndGoing(loops: Int) throws {
    // A client is read from only when those before it have been.
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--write-timeout", "120s", "--max-waiting-per-address", "0",
    ])
    var descriptors: [Int] = []
    for round in 0..<3 {
      try inParallel(10) { thread in
        let clients = try (0..<100).map { number in
          let client = try server.connect()
          client.send("LOGIN c\(thread)-\(number) open\nSUBSCRIBE own\(thread)-\(number)\nSUBSCRIBE all PRESENCE\n")
          return client
        }
        for (number, client) in clients.enumerated() {
          for _ in 0..<3 {
            // Presence events of the others come in between.
            while try client.line() != "200\n" {}
          }
          switch (number + round) % 4 {
          case 0: client.send("CLOSE\n")
          case 1: client.endOutput()
          case 2: client.reset()
          default: break
          }
        }
      }
      try eventually("everybody has left") {
        let report = try server.report()
        return report["connections"] == 0 && report["topics"] == 0 && report["subscriptions"] == 0
          && report["logged-in"] == 0 && report["pending"] == 0
      }
      descriptors.append(server.descriptorCount)
    }
    #expect(Set(descriptors).count == 1, "descriptors left open: \(descriptors)")
    #expect(server.stop() == 0)
  }

  @Test("Urgent data, as telnet sends it for an interrupt, does not keep what follows from being read")
  func urgentData() throws {
    let server = try ServerProcess()
    let client = try server.login("a")
    for _ in 0..<20 {
      client.send("PIN")
      client.sendUrgent(0)
      client.send("G\nPING\n")
      client.expect("000 . PONG\n000 . PONG\n")
    }
  }

  @Test("Connections that break in the middle of a request, or say nothing, leave nothing behind")
  func brokenOff() throws {
    let server = try ServerProcess()
    // It is at work, and has opened all that it needs for itself.
    _ = try server.report()
    let descriptors = server.descriptorCount
    let texts = [
      "", "LOG", "LOGIN a open", "LOGIN a open\n", "LOGIN a open\nMCAST t ", "\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n",
    ]
    for number in 0..<700 {
      let client = try server.connect()
      client.send(texts[number % texts.count])
      if number % 2 == 0 { client.reset() }
    }
    try eventually("everybody has left") { try server.report()["connections"] == 0 }
    #expect(server.descriptorCount == descriptors)
  }
}
