// Who may connect, by numbers.

import SSMPTransport

/// The connections there are, in all and by address, shared by the loops. Connecting, logging in and closing take its lock;
/// messages never do.
final class Admissions: @unchecked Sendable {
  /// Why a connection is not let in.
  enum Refusal: Error {
    case total, address, waiting
  }

  /// The limits, each on a number of connections.
  struct Limits: Equatable, Sendable {
    var total: Int
    /// Of one address; 0 for none.
    var perAddress = 0
    /// Of one address that have not logged in yet; 0 for none.
    var waitingPerAddress = 0
  }

  private struct Entry {
    var peer: PeerAddress
    var connections: Int
  }

  private struct Count {
    var connections = 0
    var waiting = 0
  }

  // Guarded by `lock`.
  private var entries: [Entry] = []
  private var free: [Int] = []
  private var places: [PeerAddress: Int] = [:]
  private var perKey: [PeerAddress: Count] = [:]
  private var total = 0

  private var limits: Limits
  private let lock = Lock()

  init(_ limits: Limits) {
    self.limits = limits
  }

  /// Puts other limits in force. Who has been let in stays, and counts.
  func change(_ limits: Limits) {
    lock.withLock { self.limits = limits }
  }

  /// Lets a connection in, which waits for its login now; returns the number under which its address is kept until `release`.
  func admit(_ peer: PeerAddress) -> Result<UInt32, Refusal> {
    lock.withLock {
      guard total < limits.total else { return .failure(.total) }
      if isCounted(peer) {
        var count = perKey[peer.limitKey, default: Count()]
        if limits.perAddress > 0, count.connections >= limits.perAddress { return .failure(.address) }
        if limits.waitingPerAddress > 0, count.waiting >= limits.waitingPerAddress { return .failure(.waiting) }
        count.connections += 1
        count.waiting += 1
        perKey[peer.limitKey] = count
      }
      total += 1
      let place = places[peer] ?? add(peer)
      entries[place].connections += 1
      return .success(UInt32(place))
    }
  }

  /// A connection of the address under this number has logged in.
  func settle(_ number: UInt32) {
    lock.withLock {
      let peer = entries[Int(number)].peer
      if isCounted(peer) { perKey[peer.limitKey]?.waiting -= 1 }
    }
  }

  /// A connection that was let in under this number is gone.
  ///
  /// - Parameter isWaiting: true when it has not logged in.
  func release(_ number: UInt32, isWaiting: Bool) {
    lock.withLock {
      let place = Int(number)
      let peer = entries[place].peer
      total -= 1
      entries[place].connections -= 1
      if entries[place].connections == 0 {
        places[peer] = nil
        free.append(place)
      }
      guard isCounted(peer), var count = perKey[peer.limitKey] else { return }
      count.connections -= 1
      if isWaiting { count.waiting -= 1 }
      perKey[peer.limitKey] = count.connections > 0 ? count : nil
    }
  }

  /// The address that is kept under this number.
  func peer(_ number: UInt32) -> PeerAddress {
    lock.withLock { entries[Int(number)].peer }
  }

  /// The number of connections.
  var count: Int { lock.withLock { total } }

  /// Limits by address do not concern this machine's own unix sockets. Everybody else counts even while there is no limit,
  /// since one may come into force.
  private func isCounted(_ peer: PeerAddress) -> Bool { peer != .local }

  private func add(_ peer: PeerAddress) -> Int {
    let entry = Entry(peer: peer, connections: 0)
    let place: Int
    if let reused = free.popLast() {
      place = reused
      entries[place] = entry
    } else {
      place = entries.count
      entries.append(entry)
    }
    places[peer] = place
    return place
  }
}
