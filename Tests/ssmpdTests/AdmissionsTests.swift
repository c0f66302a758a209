// Who may connect, by numbers.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Admissions")
struct AdmissionsTests {
  /// The peer with the address of `text`.
  private func peer(_ text: String) throws -> PeerAddress {
    switch try #require(SocketAddress(internet: "\(text):1")) {
    case .ipv4(let address, _): .ipv4(address)
    case .ipv6(let address, _, _): .ipv6(address)
    case .unix: .local
    }
  }

  @Test("As many connections are let in as the limit says, and one that goes makes room")
  func total() throws {
    let admissions = Admissions(Admissions.Limits(total: 2, perAddress: 0))
    let one = try admissions.admit(try peer("10.0.0.1")).get()
    _ = try admissions.admit(.local).get()
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(.local).get() }
    #expect(admissions.count == 2)
    admissions.release(one, isWaiting: true)
    #expect(admissions.count == 1)
    _ = try admissions.admit(try peer("10.0.0.2")).get()
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(.local).get() }
  }

  @Test("One address gets half of the reserve, so that it keeps no other client from coming back")
  func reserveOfAddress() throws {
    let admissions = Admissions(Admissions.Limits(total: 2, reserve: 4, waitingPerAddress: 100))
    let (one, other) = (try peer("192.0.2.1"), try peer("192.0.2.2"))
    for _ in 0..<2 { admissions.settle(try admissions.admit(other).get()) }
    for _ in 0..<2 { _ = try admissions.admit(one).get() }
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(one).get() }
    let place = try admissions.admit(other).get()
    _ = try admissions.admit(other).get()
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(other).get() }
    admissions.release(place, isWaiting: true)
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(one).get() }
    _ = try admissions.admit(other).get()
  }

  @Test("Beyond the limit there are the places of the reserve, and no more")
  func reserve() throws {
    let admissions = Admissions(Admissions.Limits(total: 2, reserve: 1))
    let numbers = try (0..<2).map { _ in try admissions.admit(.local).get() }
    #expect(!admissions.isCrowded)
    _ = try admissions.admit(.local).get()
    #expect(admissions.isCrowded && admissions.limit == 2 && admissions.reserve == 1)
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(.local).get() }
    admissions.release(numbers[0], isWaiting: true)
    #expect(!admissions.isCrowded)
  }

  @Test("As many connections of one address are let in as its limit says; others are not touched by it")
  func perAddress() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, perAddress: 2))
    let first = try peer("10.0.0.1")
    let numbers = [try admissions.admit(first).get(), try admissions.admit(first).get()]
    #expect(throws: Admissions.Refusal.address) { try admissions.admit(first).get() }
    _ = try admissions.admit(try peer("10.0.0.2")).get()
    #expect(admissions.count == 3)
    admissions.release(numbers[0], isWaiting: true)
    _ = try admissions.admit(first).get()
    #expect(throws: Admissions.Refusal.address) { try admissions.admit(first).get() }
  }

  @Test("The addresses of one IPv6 /64 count together, and those of another do not")
  func prefix() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, perAddress: 2))
    _ = try admissions.admit(try peer("[2001:db8:0:1::1]")).get()
    let second = try admissions.admit(try peer("[2001:db8:0:1:ffff:ffff:ffff:ffff]")).get()
    #expect(throws: Admissions.Refusal.address) { try admissions.admit(try peer("[2001:db8:0:1::2]")).get() }
    _ = try admissions.admit(try peer("[2001:db8:0:2::1]")).get()
    admissions.release(second, isWaiting: true)
    _ = try admissions.admit(try peer("[2001:db8:0:1::2]")).get()
  }

  @Test("Other limits are in force at once, count who came before them, and close nobody")
  func otherLimits() throws {
    let admissions = Admissions(Admissions.Limits(total: 10))
    let address = try peer("10.0.0.1")
    let numbers = try (0..<3).map { _ in try admissions.admit(address).get() }
    admissions.settle(numbers[0])
    admissions.change(Admissions.Limits(total: 10, perAddress: 3))
    #expect(throws: Admissions.Refusal.address) { try admissions.admit(address).get() }
    admissions.change(Admissions.Limits(total: 10, waitingPerAddress: 2))
    #expect(throws: Admissions.Refusal.waiting) { try admissions.admit(address).get() }
    admissions.settle(numbers[1])
    _ = try admissions.admit(address).get()
    admissions.change(Admissions.Limits(total: 2))
    #expect(admissions.count == 4)
    #expect(throws: Admissions.Refusal.total) { try admissions.admit(.local).get() }
    admissions.change(Admissions.Limits(total: 5))
    _ = try admissions.admit(address).get()
  }

  @Test("Connections over a unix socket have no limit by address")
  func local() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, perAddress: 1))
    for _ in 0..<50 { _ = try admissions.admit(.local).get() }
    #expect(admissions.count == 50)
  }

  @Test("A connection that was refused counts for nothing")
  func refusalsDoNotCount() throws {
    let admissions = Admissions(Admissions.Limits(total: 1, perAddress: 1))
    let address = try peer("10.0.0.1")
    let number = try admissions.admit(address).get()
    for _ in 0..<10 { #expect(throws: Admissions.Refusal.total) { try admissions.admit(address).get() } }
    admissions.release(number, isWaiting: true)
    #expect(admissions.count == 0)
    _ = try admissions.admit(address).get()
  }

  @Test("The address is kept under its number as long as one of its connections is there")
  func addresses() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, perAddress: 0))
    let one = try admissions.admit(try peer("10.0.0.1")).get()
    let same = try admissions.admit(try peer("10.0.0.1")).get()
    let other = try admissions.admit(try peer("10.0.0.2")).get()
    #expect(one == same)
    #expect(other != one)
    admissions.release(one, isWaiting: true)
    #expect(admissions.peer(same) == (try peer("10.0.0.1")))
    #expect(admissions.peer(other).description == "10.0.0.2")
  }

  @Test("Numbers are used again, so that the table grows with the addresses present and not with those seen")
  func reuse() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, perAddress: 1))
    var numbers: Set<UInt32> = []
    for last in 1...200 {
      let number = try admissions.admit(try peer("10.0.0.\(last)")).get()
      numbers.insert(number)
      admissions.release(number, isWaiting: true)
    }
    #expect(numbers.count == 1)
  }

  @Test("As many connections of one address as the limit says may wait for their login; who logs in makes room")
  func waiting() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, waitingPerAddress: 2))
    let address = try peer("10.0.0.1")
    let first = try admissions.admit(address).get()
    let second = try admissions.admit(address).get()
    #expect(throws: Admissions.Refusal.waiting) { try admissions.admit(address).get() }
    _ = try admissions.admit(try peer("10.0.0.2")).get()
    admissions.settle(first)
    _ = try admissions.admit(address).get()
    #expect(throws: Admissions.Refusal.waiting) { try admissions.admit(address).get() }
    // Who has logged in waits no more, and does not make room a second time when it goes.
    admissions.release(first, isWaiting: false)
    #expect(throws: Admissions.Refusal.waiting) { try admissions.admit(address).get() }
    admissions.release(second, isWaiting: true)
    _ = try admissions.admit(address).get()
  }

  @Test("Unix sockets of this machine may have any number waiting")
  func localWaiting() throws {
    let admissions = Admissions(Admissions.Limits(total: 100, waitingPerAddress: 1))
    for _ in 0..<10 { _ = try admissions.admit(.local).get() }
  }

  @Test("Connections of random addresses come, log in and go, and every count is that of a dictionary")
  func agreesWithModel() throws {
    var table = AdmissionTable(key: (1, 2))
    var places: [(place: UInt32, peer: PeerAddress, isWaiting: Bool)] = []
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      switch Int.random(in: 0..<(places.count > 60 ? 4 : 3), using: &dice) {
      case 0, 1:
        let host = Int.random(in: 0..<20, using: &dice)
        // Some are the very address by which their /64 is counted.
        let text = ["10.0.0.\(host)", "[2001:db8:0:\(host % 3)::\(host / 3)]", "[::\(host)]"].randomElement()!
        let peer = host == 19 ? PeerAddress.local : try peer(text)
        places.append((table.add(peer), peer, true))
      case 2 where !places.isEmpty:
        let number = places.indices.randomElement()!
        if places[number].isWaiting { table.settle(places[number].place) }
        places[number].isWaiting = false
      default:
        guard let number = places.indices.randomElement() else { continue }
        let gone = places.remove(at: number)
        table.remove(gone.place, isWaiting: gone.isWaiting)
      }
      let (total, one) = (table.total, places.randomElement())
      #expect(total == places.count)
      guard let one else { continue }
      let found = table[one.place].peer
      #expect(found == one.peer)
      let group = places.filter { $0.peer.limitKey == one.peer.limitKey }
      let counted = table.group(of: one.peer)
      let entry = try #require(counted)
      #expect(Int(entry.connections) == group.count)
      #expect(Int(entry.waiting) == group.filter(\.isWaiting).count)
    }
  }

  @Test("Addresses that have gone leave nothing behind")
  func empty() throws {
    var table = AdmissionTable(key: (1, 2))
    let addresses = try ["10.0.0.1", "[2001:db8::]", "[2001:db8::1]"].map { try peer($0) } + [.local]
    let places = addresses.map { table.add($0) }
    for place in places { table.remove(place, isWaiting: true) }
    for address in addresses {
      let group = table.group(of: address)
      #expect(group == nil)
    }
    let total = table.total
    #expect(total == 0)
  }
}
