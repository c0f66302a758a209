// One client must not be able to stop or slow the others.

import Foundation
import Synchronization
import Testing

@Suite("Fairness")
struct FairnessTests {
  @Test(
    "A reader that stalls for a moment in a flood from one sender is not closed, and loses nothing", arguments: [1, 2])
  func shortStall(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--max-pending", "1MiB"])
    let reader = try TestClient(port: server.port, receiveBuffer: 16384)
    reader.send("LOGIN r open\n")
    reader.expect("200\n")
    let sender = try server.login("w")
    let text = String(repeating: "x", count: 1000)
    try inParallel(3) { role in
      switch role {
      case 0: for number in 0..<5000 { sender.send("UCAST r \(number) \(text)\n") }
      case 1: for _ in 0..<5000 { try #require(try sender.line() == "200\n") }
      default:
        // Not a wait for something to happen: so long it reads nothing.
        usleep(300_000)
        for number in 0..<5000 { try #require(try reader.line() == "000 w UCAST r \(number) \(text)\n") }
      }
    }
    #expect(try server.report()["pending-limit"] == 0)
    #expect(try server.report()["held-for-client", default: 0] > 0)
  }

  @Test("A steadily slow subscriber does not set the pace of a topic: the others have all when it has little")
  func slowSubscriber() throws {
    let server = try ServerProcess(["--open", "--max-pending", "64MiB"])
    let slow = try TestClient(port: server.port, receiveBuffer: 16384)
    slow.send("LOGIN slow open\nSUBSCRIBE t\n")
    slow.expect("200\n200\n")
    let fast = try server.login("fast")
    fast.send("SUBSCRIBE t\n")
    fast.expect("200\n")
    let sender = try server.login("w")
    let text = String(repeating: "x", count: 1000)
    let total = 20_000
    let isOver = SharedFlag()
    let taken = SharedCounter()
    try inParallel(4) { role in
      switch role {
      case 0: for _ in 0..<total { sender.send("MCAST t \(text)\n") }
      case 1: for _ in 0..<total { try #require(try sender.line() == "200\n") }
      case 2:
        for _ in 0..<total { try #require(try fast.line() == "000 w MCAST t \(text)\n") }
        isOver.raise()
      default:
        // Four hundred messages a second at most; with no more than a few for each it would take most of a minute.
        while !isOver.isRaised {
          for _ in 0..<20 where !isOver.isRaised && slow.fill(0) {
            taken.add(try slow.line().utf8.count > 0 ? 1 : 0)
          }
          usleep(50_000)
        }
      }
    }
    #expect(taken.value < total / 2, "the slow one had \(taken.value) of \(total) when the fast one had all")
    #expect(try server.report()["slow-readers", default: 0] > 0)
  }

  @Test("While one client has thousands of broadcasts served, others are answered in between", arguments: [1, 2])
  func broadcasts(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--ping-interval", "1h"])
    let topics = (0..<100).map { "SUBSCRIBE t\($0)\n" }.joined()
    let clients = try (0..<100).map { try server.login("c\($0)") }
    for client in clients { client.send(topics) }
    for client in clients { client.expect(String(repeating: "200\n", count: 100)) }
    let bystander = try server.login("bystander")
    let pairs = 2000
    let answers = SharedCounter()
    try inParallel(2) { role in
      if role == 0 {
        clients[0].send(String(repeating: "BCAST x\nUNSUBSCRIBE nope\n", count: pairs))
        for _ in 0..<pairs {
          clients[0].expect("200\n404\n")
          answers.add(1)
        }
        return
      }
      while answers.value == 0 { usleep(1000) }
      var between = 0
      for _ in 0..<20 {
        bystander.expectQuiet()
        if answers.value < pairs { between += 1 }
      }
      #expect(between >= 5, "\(between) of 20 PINGs were answered while the flood was")
    }
    for client in clients[1...] {
      for _ in 0..<pairs { try #require(try client.line() == "000 c0 BCAST x\n") }
    }
  }

  @Test("With small limits senders are held back before clients that read are closed", arguments: [1, 2])
  func smallLimits(loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-pending", "64KiB", "--max-total-pending", "1MiB",
      "--ping-interval", "1h",
    ])
    let count = 50
    let clients = try (0..<count).map { try server.login("c\($0)") }
    let text = String(repeating: "x", count: 1000)
    let rounds = 40
    // Each has 64 messages in flight to the next, and reads what it gets.
    let refused = Mutex(0)
    try inParallel(count) { role in
      let client = clients[role]
      let next = (role + 1) % count
      var events = 0
      for _ in 0..<rounds {
        client.send(String(repeating: "UCAST c\(next) \(text)\n", count: 64))
        var answers = 0
        while answers < 64 {
          let line = try client.line()
          if line.hasPrefix("000 ") {
            events += 1
          } else {
            answers += 1
            if line != "200\n" { refused.withLock { $0 += 1 } }
          }
        }
      }
      while events < rounds * 64, try client.line().hasPrefix("000 ") { events += 1 }
    }
    #expect(refused.withLock { $0 } == 0)
    let report = try server.report()
    #expect(report["pending-limit"] == 0)
    #expect(report["total-pending-limit"] == 0)
  }

  @Test("While some subscribers have stopped, those that read lose nothing of several floods", arguments: [1, 2])
  func stoppedSubscribers(loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-pending", "4MiB", "--max-total-pending", "16MiB",
    ])
    let stopped = try (0..<6).map { _ in try TestClient(port: server.port, receiveBuffer: 16384) }
    for (number, client) in stopped.enumerated() {
      client.send("LOGIN stopped\(number) open\nSUBSCRIBE t\n")
      client.expect("200\n200\n")
    }
    let readers = try (0..<20).map { try server.login("r\($0)") }
    for reader in readers {
      reader.send("SUBSCRIBE t\n")
      reader.expect("200\n")
    }
    let senders = try (0..<3).map { try server.login("w\($0)") }
    let (total, text) = (6000, String(repeating: "x", count: 1000))
    try inParallel(2 * senders.count + readers.count) { role in
      if role < 3 {
        for _ in 0..<total { senders[role].send("MCAST t \(text)\n") }
      } else if role < 6 {
        for _ in 0..<total { try #require(try senders[role - 3].line() == "200\n") }
      } else {
        for _ in 0..<3 * total { try #require(try readers[role - 6].line().hasPrefix("000 w")) }
      }
    }
    // Nobody else can have been closed: all readers have read all.
    let report = try server.report()
    #expect(report["pending-limit", default: 0] + report["total-pending-limit", default: 0] <= stopped.count)
    withExtendedLifetime(stopped) {}
  }

  @Test("With work cut into the smallest pieces nothing stands still between loops", arguments: [2, 4])
  func smallestPieces(loops: Int) throws {
    // PINGs of the server would wake whoever sleeps too long.
    let server = try ServerProcess(
      ["--open", "--loops", "\(loops)", "--ping-interval", "1h"], after: "export SSMPD_TEST_TINY_STEPS=1")
    let watchers = try (0..<20).map { try server.login("w\($0)") }
    let topics = (0..<50).map { "SUBSCRIBE t\($0) PRESENCE\n" }.joined()
    for watcher in watchers { watcher.send(topics) }
    let pairs = try (0..<loops).map { (try server.login("a\($0)"), try server.login("b\($0)")) }
    let isOver = SharedFlag()
    try inParallel(2 + watchers.count) { role in
      switch role {
      case 0:
        // Those who come and go make the events.
        let joins = (0..<50).map { "SUBSCRIBE t\($0)\n" }.joined()
        for round in 0..<30 {
          let guests = try (0..<8).map { number in
            let guest = try server.connect()
            guest.send("LOGIN g\(round)-\(number) open\n" + joins)
            return guest
          }
          for guest in guests { guest.expect(String(repeating: "200\n", count: 51)) }
        }
        isOver.raise()
      case 1:
        var number = 0
        while !isOver.isRaised {
          for (index, pair) in pairs.enumerated() {
            pair.0.send("UCAST b\(index) \(number)\n")
            pair.1.expect("000 a\(index) UCAST b\(index) \(number)\n")
            pair.0.expect("200\n")
          }
          number += 1
        }
      default: while !isOver.isRaised { if watchers[role - 2].fill(10) { watchers[role - 2].skipSome() } }
      }
    }
    #expect(try server.report()["pending-limit"] == 0)
  }
}

/// Something that has happened, for several threads to see.
final class SharedFlag: @unchecked Sendable {
  private let lock = NSLock()
  private var raised = false

  var isRaised: Bool { lock.withLock { raised } }

  func raise() { lock.withLock { raised = true } }
}

/// A count that several threads add to and read.
final class SharedCounter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  var value: Int { lock.withLock { count } }

  func add(_ more: Int) { lock.withLock { count += more } }
}
