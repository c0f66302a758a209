// The connections of each address.

import Containers
import SSMPCore
import SSMPTransport

/// How many connections come from where: an entry for each address, and one for each group of addresses that limits count
/// together (which for IPv4 is the address itself).
///
/// It grows without ever being rebuilt, so nobody waits for it with a million addresses either; a connection costs one
/// look-up when it comes, and none until the last one of its address goes.
struct AdmissionTable: ~Copyable {
  /// What is counted of an address or a group.
  struct Entry: BitwiseCopyable {
    var peer = PeerAddress.local
    var hash: UInt32 = 0
    /// The entry of the group; this one itself where the address is the group.
    var group: UInt32 = 0
    var connections: UInt32 = 0
    /// Those of them that have not logged in; for groups only.
    var waiting: UInt32 = 0
  }

  private var entries = Slab<Entry>(filler: Entry())
  private var index = HashIndex()
  private let hash: KeyedHash
  /// The number of connections.
  private(set) var total = 0

  /// - Parameter key: from a random source, so that nobody can choose addresses that are looked for among each other.
  init(key: (UInt64, UInt64)) {
    hash = KeyedHash(key: key)
  }

  /// The entry with this number.
  subscript(number: UInt32) -> Entry { entries[number] }

  /// What is counted of the group of an address, if it has connections.
  func group(of peer: PeerAddress) -> Entry? {
    let key = peer.limitKey
    return find(key, hash(key)).map { entries[$0] }
  }

  /// Counts a connection of `peer`, which waits for its login; returns the number of the address's entry.
  mutating func add(_ peer: PeerAddress) -> UInt32 {
    let key = peer.limitKey
    let group = findOrInsert(key, group: nil)
    let place = key == peer ? group : findOrInsert(peer, group: group)
    entries[group].connections += 1
    entries[group].waiting += 1
    if place != group { entries[place].connections += 1 }
    total += 1
    return place
  }

  /// A connection of the address with this number waits no longer.
  mutating func settle(_ place: UInt32) {
    entries[entries[place].group].waiting -= 1
  }

  /// A connection of the address with this number is gone.
  mutating func remove(_ place: UInt32, isWaiting: Bool) {
    let group = entries[place].group
    total -= 1
    if isWaiting { entries[group].waiting -= 1 }
    if place != group { leave(place) }
    leave(group)
  }

  /// Gives back memory that was taken for addresses that are gone.
  mutating func giveBack() {
    guard entries.hasSlack() || index.hasSlack() else { return }
    entries.giveBack()
    _ = index.giveBack(steps: .max)
  }

  private mutating func leave(_ number: UInt32) {
    entries[number].connections -= 1
    guard entries[number].connections == 0 else { return }
    index.remove(entries[number].hash, number)
    entries.remove(number)
  }

  private mutating func findOrInsert(_ peer: PeerAddress, group: UInt32?) -> UInt32 {
    let key = hash(peer)
    if let found = find(peer, key) { return found }
    let number = entries.insert(Entry(peer: peer, hash: key))
    entries[number].group = group ?? number
    index.insert(key, number)
    return number
  }

  private func hash(_ peer: PeerAddress) -> UInt32 {
    let (high, low) = peer.words
    return hash(high: high, low: low)
  }

  private func find(_ peer: PeerAddress, _ hash: UInt32) -> UInt32? {
    var cursor = index.first(hash)
    while let number = index.next(&cursor, hash) {
      if entries[number].peer == peer { return number }
    }
    return nil
  }
}
