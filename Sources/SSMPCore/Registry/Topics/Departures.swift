// Clients that have left, and of which not everybody has been told.

import Containers

/// The departures that are under way (`Registry+Departure`).
struct Departures: ~Copyable {
  private var records = Slab<Departure>(filler: Departure())
  /// Numbers by the hash of the identity, of those that have farewells left.
  var identities = HashIndex()
  var farewells = FarewellQueue()
  /// How many have begun since the start.
  var begun: UInt32 = 0

  subscript(number: UInt32) -> Departure {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(records.address(number)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe records.address(number) }
  }

  /// Adds a departure; returns its number.
  mutating func insert(_ departure: Departure) -> UInt32 {
    records.insert(departure)
  }

  /// Removes a departure of which everybody has been told.
  mutating func remove(_ number: UInt32) {
    records.remove(number)
  }

  mutating func hasSlack() -> Bool { records.hasSlack() || identities.hasSlack() }
  mutating func giveBack() { records.giveBack() }
}

/// The broadcasts that are under way, and the clients that wait to begin one
/// (`Registry+Broadcast`).
struct Broadcasts: ~Copyable {
  /// The number of the last broadcast.
  var number: UInt32 = 0
  var gatherings: [Gathering] = []
  /// The clients that wait for a place among them.
  var queue = BroadcasterQueue()
}
