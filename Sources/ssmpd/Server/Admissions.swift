// Who may connect, by numbers.

import SSMPTransport

/// The connections there are, in all and by address, shared by the loops. Connecting and closing take its lock; messages
/// never do.
final class Admissions: @unchecked Sendable {
  /// Why a connection is not let in.
  enum Refusal {
    case total, address
  }

  private struct Entry {
    var peer: PeerAddress
    var connections: Int
  }

  // Guarded by `lock`.
  private var entries: [Entry] = []
  private var free: [Int] = []
  private var places: [PeerAddress: Int] = [:]
  private var perKey: [PeerAddress: Int] = [:]
  private var total = 0

  private let lock = Lock()
  private let limit: Int
  private let limitPerAddress: Int

  /// - Parameter limitPerAddress: 0 for none.
  init(limit: Int, limitPerAddress: Int) {
    self.limit = limit
    self.limitPerAddress = limitPerAddress
  }

  /// Lets a connection in, and returns the number under which its address is kept until `release`.
  func admit(_ peer: PeerAddress) -> Result<UInt32, Refusal> {
    lock.withLock {
      guard total < limit else { return .failure(.total) }
      if limitPerAddress > 0, peer != .local {
        guard perKey[peer.limitKey, default: 0] < limitPerAddress else { return .failure(.address) }
        perKey[peer.limitKey, default: 0] += 1
      }
      total += 1
      let place = places[peer] ?? add(peer)
      entries[place].connections += 1
      return .success(UInt32(place))
    }
  }

  /// The connection that was let in under this number is gone.
  func release(_ number: UInt32) {
    lock.withLock {
      let place = Int(number)
      let peer = entries[place].peer
      total -= 1
      entries[place].connections -= 1
      if entries[place].connections == 0 {
        places[peer] = nil
        free.append(place)
      }
      guard limitPerAddress > 0, peer != .local, let count = perKey[peer.limitKey] else { return }
      perKey[peer.limitKey] = count > 1 ? count - 1 : nil
    }
  }

  /// The address that is kept under this number.
  func peer(_ number: UInt32) -> PeerAddress {
    lock.withLock { entries[Int(number)].peer }
  }

  /// The number of connections.
  var count: Int { lock.withLock { total } }

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

extension Admissions.Refusal: Error {}
