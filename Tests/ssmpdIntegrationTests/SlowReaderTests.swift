// A slow reader harms nobody else.

import Foundation
import Testing

@Suite("Slow readers")
struct SlowReaderTests {
  /// A message that says which one it is, and is long enough to fill buffers soon.
  private func message(_ number: Int) -> String {
    "\(number) " + String(repeating: "x", count: 900)
  }

  @Test(
    "A subscriber that stops reading is closed at --max-pending; the other gets every message in order",
    arguments: [1, 2])
  func pendingLimit(loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-pending", "256KiB", "--write-timeout", "60s",
    ])
    let stalled = try TestClient(port: server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\nSUBSCRIBE t\n")
    stalled.expect("200\n200\n")
    let reader = try server.login("reader")
    reader.send("SUBSCRIBE t\n")
    reader.expect("200\n")
    let publisher = try server.login("publisher")
    // So many at a time that the reader stays below the mark at which a connection counts as slow, however long it has to
    // wait for a core.
    let window = 50
    for first in stride(from: 0, to: 20_000, by: window) {
      for number in first..<first + window { publisher.send("MCAST t \(message(number))\n") }
      publisher.expect(String(repeating: "200\n", count: window))
      for number in first..<first + window {
        try #require(try reader.line() == "000 publisher MCAST t \(message(number))\n")
      }
    }
    try server.waitForLog("close reason=pending-limit id=stalled")
    #expect(try server.report()["pending-limit"] == 1)
    reader.expectQuiet()
  }

  @Test("A connection that takes nothing for --write-timeout is closed with that reason")
  func writeTimeout() throws {
    let server = try ServerProcess(["--open", "--write-timeout", "300ms", "--max-pending", "64MiB"])
    let stalled = try TestClient(port: server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    let sender = try server.login("sender")
    // More than the kernel takes for one connection, less than the limit on what may be pending.
    for number in 0..<12_000 {
      sender.send("UCAST stalled \(message(number))\n")
      if try sender.line() == "404\n" { break }
    }
    let line = try server.waitForLog("close reason=write-timeout")
    #expect(line.contains("id=stalled"))
    sender.expectQuiet()
  }

  @Test("Replies wait for whoever reads them late, however many requests came at once, with the least --max-pending")
  func lateReader() throws {
    let server = try ServerProcess(["--open", "--max-pending", "64KiB"])
    let client = try server.login("late")
    let count = 100_000
    let sending = DispatchGroup()
    DispatchQueue.global().async(group: sending) { client.send(String(repeating: "PING\n", count: count)) }
    usleep(300_000)
    for _ in 0..<count / 1000 { client.expect(String(repeating: "000 . PONG\n", count: 1000)) }
    sending.wait()
    client.expectQuiet()
  }

  @Test("Replies count as output: whoever sends PING for ever and never reads is not read from, and closed")
  func pingFlood() throws {
    let server = try ServerProcess(["--open", "--write-timeout", "400ms", "--max-pending", "256KiB"])
    let other = try server.login("other")
    let before = server.residentKiB
    let client = try TestClient(port: server.port, receiveBuffer: 4096)
    client.send("LOGIN flood open\n")
    let pings = Array(String(repeating: "PING\n", count: 10_000).utf8)
    let deadline = Date() + TestClient.seconds
    while !server.logLines.contains(where: { $0.contains("id=flood") && $0.contains("reason=write-timeout") }) {
      try #require(Date() < deadline, "the flood was not stopped")
      if client.sendSome(pings) == 0 { usleep(1000) }
      other.expectQuiet()
    }
    guard !ServerProcess.isSanitized else { return }
    #expect(server.residentKiB - before < 4096, "memory grew from \(before) to \(server.residentKiB) KiB")
  }

  @Test("Over --max-total-pending the connection with the most pending is closed")
  func totalPending() throws {
    let server = try ServerProcess([
      "--open", "--max-pending", "2MiB", "--max-total-pending", "2MiB", "--write-timeout", "60s",
    ])
    let names = ["one", "two", "three"]
    let stalled = try names.map { name in
      let client = try TestClient(port: server.port, receiveBuffer: 4096)
      client.send("LOGIN \(name) open\n")
      client.expect("200\n")
      return client
    }
    let sender = try server.login("sender")
    let deadline = Date() + TestClient.seconds
    var number = 0
    while !server.logLines.contains(where: { $0.contains("reason=total-pending-limit") }) {
      try #require(Date() < deadline, "the limit was not kept")
      for name in names {
        // Twice as much for the third.
        for _ in 0..<(name == "three" ? 2 : 1) { sender.send("UCAST \(name) \(message(number))\n") }
      }
      for _ in 0..<4 { _ = try sender.line() }
      number += 1
    }
    let line = try server.waitForLog("reason=total-pending-limit")
    #expect(line.contains("id=three"))
    sender.expectQuiet()
    withExtendedLifetime(stalled) {}
  }

  @Test("The limit on all pending output holds whichever loop has the most of it")
  func totalPendingAcrossLoops() throws {
    let limit = 2 << 20
    let server = try ServerProcess([
      "--open", "--loops", "2", "--max-pending", "1MiB", "--max-total-pending", "\(limit)", "--write-timeout", "60s",
    ])
    // Connections are dealt out in turn: those with even numbers are on one loop.
    let stalled = try (0..<8).map { number in
      let client = try TestClient(port: server.port, receiveBuffer: 4096)
      client.send("LOGIN r\(number) open\n")
      client.expect("200\n")
      return client
    }
    let sender = try server.loginHub("sender")
    for number in [0, 2, 4, 6, 1, 3, 5, 7] {
      for count in 0..<700 {
        sender.send("UCAST r\(number) \(message(count))\n")
        _ = try sender.line()
      }
      try eventually("no more is pending than may be") { try server.report()["pending", default: .max] <= limit }
    }
    #expect(try server.report()["total-pending-limit", default: 0] > 0)
    withExtendedLifetime(stalled) {}
  }

  @Test("Whoever joins many topics with PRESENCE at once gets every batch, however much that is")
  func manyRosters() throws {
    let server = try ServerProcess(["--open", "--max-pending", "128KiB"])
    let padding = String(repeating: "m", count: 50)
    let topics = (0..<60).map { "\(padding)-\($0)" }
    let members = try (0..<40).map { number in
      let client = try server.connect()
      client.send("LOGIN \(padding)-\(number) open\n" + topics.map { "SUBSCRIBE \($0)\n" }.joined())
      return client
    }
    for member in members { member.expect(String(repeating: "200\n", count: 61)) }
    let watcher = try server.login("watcher")
    watcher.send(topics.map { "SUBSCRIBE \($0) PRESENCE\n" }.joined())
    var lines = Set<String>()
    var replies = 0
    while replies < topics.count || lines.count < topics.count * members.count {
      let line = try watcher.line()
      if line == "200\n" {
        replies += 1
      } else {
        try #require(lines.insert(line).inserted, "\(line) came twice")
      }
    }
    watcher.expectQuiet()
  }

  @Test("A topic whose members do not fit into --max-pending can be joined with PRESENCE, and every member comes once")
  func largeRoster() throws {
    let server = try ServerProcess(["--open", "--max-pending", "64KiB"])
    let count = 1500
    let padding = String(repeating: "m", count: 56)
    let members = try (0..<count).map { number in
      let client = try server.connect()
      client.send("LOGIN \(padding)-\(number) open\nSUBSCRIBE crowd\n")
      return client
    }
    for member in members { member.expect("200\n200\n") }
    let watcher = try TestClient(port: server.port, receiveBuffer: 4096)
    watcher.send("LOGIN watcher open\nSUBSCRIBE crowd PRESENCE\n")
    watcher.expect("200\n200\n")
    var seen = Set<String>()
    for _ in 0..<count {
      let line = try watcher.line()
      try #require(line.hasPrefix("000 \(padding)-") && line.hasSuffix(" SUBSCRIBE crowd\n"))
      try #require(seen.insert(line).inserted, "\(line) came twice")
      if seen.count % 300 == 0 { usleep(20_000) }
    }
    watcher.expectQuiet()
  }
}
