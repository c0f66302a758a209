// Addresses from which logins fail.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Failed logins")
struct FailedLoginsTests {
  private let one = PeerAddress.ipv4(1)

  /// The address number `number`.
  private func peer(_ number: Int) -> PeerAddress { .ipv4(UInt32(number)) }

  /// A table in which `one` has failed so often.
  private func table(_ failures: Int, limit: Int, now: UInt32 = 100) -> FailedLogins {
    var table = FailedLogins()
    for _ in 0..<failures { table.fail(one, limit: limit, now: now) }
    return table
  }

  /// How many of `count` connections are let in.
  private func admitted(_ table: inout FailedLogins, _ count: Int, limit: Int, now: UInt32) -> Int {
    (0..<count).count { _ in table.admits(one, limit: limit, now: now) }
  }

  /// How many of `count` connections of `peer` are let in.
  private func admitted(_ table: inout FailedLogins, _ peer: PeerAddress, _ count: Int = 1, limit: Int, now: UInt32)
    -> Int
  {
    (0..<count).count { _ in table.admits(peer, limit: limit, now: now) }
  }

  @Test("Below the limit everybody is let in, at the limit one a second, and other addresses always")
  func limit() {
    var below = table(29, limit: 30)
    #expect(admitted(&below, 100, limit: 30, now: 100) == 100)
    var at = table(30, limit: 30)
    #expect(admitted(&at, 100, limit: 30, now: 100) == 1)
    #expect(admitted(&at, 100, limit: 30, now: 101) == 1)
    #expect(admitted(&at, 100, limit: 30, now: 105) == 1)
    #expect(admitted(&at, peer(2), 9, limit: 30, now: 105) == 9)
  }

  @Test("After a minute without a failure the address is free, and not before; each failure begins the minute anew")
  func period() {
    var table = table(30, limit: 30, now: 100)
    table.fail(one, limit: 30, now: 130)
    #expect(admitted(&table, 10, limit: 30, now: 189) == 1)
    #expect(admitted(&table, 10, limit: 30, now: 190) == 10)
    #expect(table.count == 0)
  }

  @Test("Failures that are spread over more than a minute do not add up")
  func spread() {
    var table = FailedLogins()
    for number in 0..<1000 {
      table.fail(one, limit: 30, now: UInt32(number * 3))
      #expect(admitted(&table, 2, limit: 30, now: UInt32(number * 3)) == 2)
    }
  }

  @Test("A login that succeeds makes up for one failure, and opens a throttled address however many have failed")
  func success() {
    var open = table(1000, limit: 30)
    open.succeed(one, now: 101)
    #expect(admitted(&open, 100, limit: 30, now: 101) == 100)
    open.fail(one, limit: 30, now: 101)
    #expect(admitted(&open, 100, limit: 30, now: 101) == 1)
    var few = table(2, limit: 30)
    few.succeed(one, now: 101)
    #expect(few.count == 1)
    few.succeed(one, now: 101)
    few.succeed(one, now: 101)
    #expect(few.count == 0)
  }

  @Test("A fleet behind one address comes in although one device of it fails four times a second")
  func fleet() {
    var table = FailedLogins()
    // The broken one, alone for an hour.
    for second in 0..<UInt32(3600) {
      for _ in 0..<4 where table.admits(one, limit: 30, now: second) { table.fail(one, limit: 30, now: second) }
    }
    #expect(admitted(&table, 10, limit: 30, now: 3600) == 1)
    // Two hundred others, which try once a second each until they are in; the broken one is before them in every second.
    var outside = 200
    var second: UInt32 = 3601
    while outside > 0, second < 3601 + 60 {
      var admitted = 0
      for number in 0..<(outside + 4) where table.admits(one, limit: 30, now: second) {
        // Of those that are let in in one second the broken one is one, in turns.
        if number % 50 == Int(second) % 50 { table.fail(one, limit: 30, now: second) } else { admitted += 1 }
      }
      for _ in 0..<min(admitted, outside) { table.succeed(one, now: second) }
      outside -= min(admitted, outside)
      second += 1
    }
    #expect(outside == 0)
    #expect(second < 3601 + 20)
  }

  @Test("The addresses of one IPv6 /64 count together")
  func prefix() throws {
    func ipv6(_ text: String) throws -> PeerAddress {
      guard case .ipv6(let address, _, _)? = SocketAddress(internet: "[\(text)]:1") else { throw TestFault() }
      return .ipv6(address)
    }
    var table = FailedLogins()
    for number in 1...30 { table.fail(try ipv6("2001:db8:0:1::\(number)"), limit: 30, now: 5) }
    #expect(table.count == 1)
    #expect(admitted(&table, try ipv6("2001:db8:0:1:ffff::1"), limit: 30, now: 5) == 1)
    #expect(admitted(&table, try ipv6("2001:db8:0:1::2"), limit: 30, now: 5) == 0)
    #expect(admitted(&table, try ipv6("2001:db8:0:2::2"), limit: 30, now: 5) == 1)
  }

  @Test("Unix sockets of this machine are exempt, and with a limit of 0 everybody is")
  func exempt() {
    var table = FailedLogins()
    for _ in 0..<100 { table.fail(.local, limit: 30, now: 5) }
    for _ in 0..<100 { table.fail(one, limit: 0, now: 5) }
    #expect(table.count == 0)
    #expect(admitted(&table, .local, 9, limit: 30, now: 5) == 9)
    var throttled = self.table(30, limit: 30)
    #expect(admitted(&throttled, 10, limit: 0, now: 100) == 10)
  }

  @Test("The table holds so many addresses; the one whose last failure is the longest ago goes first")
  func capacity() {
    var table = FailedLogins(capacity: 3)
    for number in 1...3 { for _ in 0..<2 { table.fail(peer(number), limit: 2, now: 100) } }
    table.fail(peer(1), limit: 2, now: 101)
    table.fail(peer(4), limit: 2, now: 102)
    #expect(table.count == 3)
    // Number 2 has gone: it is let in as often as it likes.
    #expect(admitted(&table, peer(2), 5, limit: 2, now: 103) == 5)
    #expect(admitted(&table, peer(1), 5, limit: 2, now: 103) == 1)
    for number in 0..<100_000 { table.fail(peer(number), limit: 2, now: 104) }
    #expect(table.count == 3)
  }

  @Test("Addresses come and go in any order as a table without tricks would have it")
  func random() {
    var generator = SystemRandomNumberGenerator()
    var table = FailedLogins(capacity: 8)
    // Address, failures, the beginning, the last failure, whether it is throttled, the last that was let in; oldest first.
    var model: [(peer: PeerAddress, count: Int, began: UInt32, last: UInt32, throttled: Bool, admitted: UInt32?)] = []
    var now: UInt32 = .max - 5000
    for _ in 0..<20_000 {
      now &+= UInt32.random(in: 0...10, using: &generator) == 0 ? .random(in: 0...40, using: &generator) : 0
      let peer = peer(.random(in: 0..<12, using: &generator))
      let place = model.firstIndex { $0.peer == peer }
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        table.succeed(peer, now: now)
        guard let place else { break }
        model[place].count -= 1
        if model[place].count == 0 {
          model.remove(at: place)
        } else if model[place].throttled {
          model[place].throttled = false
          model[place].began = now
        }
      case 1:
        model.removeAll { now &- $0.last >= 60 }
        let place = model.firstIndex { $0.peer == peer }
        var expected = true
        if let place, model[place].throttled {
          expected = model[place].admitted != now
          model[place].admitted = now
        }
        #expect(admitted(&table, peer, limit: 3, now: now) == (expected ? 1 : 0))
      default:
        table.fail(peer, limit: 3, now: now)
        model.removeAll { now &- $0.last >= 60 }
        var entry: (PeerAddress, Int, UInt32, UInt32, Bool, UInt32?) = (peer, 0, now, now, false, nil)
        if let place = model.firstIndex(where: { $0.peer == peer }) {
          entry = model.remove(at: place)
        } else if model.count == 8 {
          model.removeFirst()
        }
        if !entry.4, now &- entry.2 >= 60 { (entry.1, entry.2) = (0, now) }
        entry.1 = min(entry.1 + 1, 3)
        entry.3 = now
        if entry.1 == 3 { entry.4 = true }
        model.append(entry)
      }
      #expect(table.count == model.count)
    }
  }
}

private struct TestFault: Error {
  @Test("A loop that has looked at the clock a second before another one opens nothing, and brings no lines about")
  func clock() {
    let watch = LoginWatch()
    let one = PeerAddress.ipv4(1)
    var lines = 0
    for _ in 0..<100 where watch.fail(one, limit: 5, now: 101) != nil { lines += 1 }
    #expect(watch.admits(one, limit: 5, now: 101))
    #expect(!watch.admits(one, limit: 5, now: 100))
    if watch.fail(one, limit: 5, now: 100) != nil { lines += 1 }
    #expect(!watch.admits(one, limit: 5, now: 101))
    #expect(lines == Int(LineBudget.burst))
  }
}
