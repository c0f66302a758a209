// Addresses from which logins fail.

import SSMPTransport

/// The failed logins of each address, or IPv6 /64, and whether the address is throttled for them.
///
/// An address is throttled if its failures within a minute reach the limit. Each login that
/// succeeds cancels one failure. From a throttled address one connection a second is let in, until
/// a minute has passed without a failure, or a login succeeds. So a fleet behind one address gets
/// in although a device in it has a wrong credential: the first other device that logs in ends the
/// throttling.
///
/// The table has room for a limited number of addresses. If it is full, a new address replaces the
/// one that has been without a failure for longest. The caller passes the time, in seconds.
struct FailedLogins {
  /// How long failures count together, and how long there must be none for an address to be free again, in seconds.
  static let period: UInt32 = 60

  private struct Entry {
    var address: PeerAddress
    /// The failures since `began`, less the successes.
    var failures = 0
    var began: UInt32
    var lastFailure: UInt32
    /// When a connection was let in although the address is throttled.
    var lastAdmitted: UInt32?
    var isThrottled = false
    /// The neighbours in the order of the last failures.
    var older = none
    var newer = none
  }

  private static let none = -1

  private let capacity: Int
  private var entries: [Entry] = []
  private var free: [Int] = []
  private var places: [PeerAddress: Int] = [:]
  private var oldest = none
  private var newest = none

  /// An empty table with room for `capacity` addresses.
  init(capacity: Int = Tuning.failedLoginAddresses) {
    self.capacity = capacity
  }

  /// The number of addresses that are remembered.
  var count: Int { places.count }

  /// A login from `peer` has failed.
  ///
  /// - Parameter limit: the failures that throttle an address.
  mutating func fail(_ peer: PeerAddress, limit: Int, now: UInt32) {
    guard peer != .local, limit > 0 else { return }
    forget(before: now)
    let place = places[peer.limitKey] ?? add(peer.limitKey, now: now)
    if !entries[place].isThrottled, now &- entries[place].began >= Self.period {
      entries[place].began = now
      entries[place].failures = 0
    }
    // No more than the limit: one success is to be enough, however long somebody has tried.
    entries[place].failures = min(entries[place].failures + 1, limit)
    entries[place].lastFailure = now
    if entries[place].failures == limit { entries[place].isThrottled = true }
    unlink(place)
    linkNewest(place)
  }

  /// A login from `peer` has succeeded.
  mutating func succeed(_ peer: PeerAddress, now: UInt32) {
    guard !places.isEmpty, let place = places[peer.limitKey] else { return }
    entries[place].failures -= 1
    guard entries[place].failures > 0 else { return remove(place) }
    if entries[place].isThrottled {
      entries[place].isThrottled = false
      entries[place].began = now
    }
  }

  /// True when a connection from `peer` is to be let in.
  mutating func admits(_ peer: PeerAddress, limit: Int, now: UInt32) -> Bool {
    guard limit > 0, !places.isEmpty else { return true }
    forget(before: now)
    guard let place = places[peer.limitKey], entries[place].isThrottled else { return true }
    if let last = entries[place].lastAdmitted, now == last { return false }
    entries[place].lastAdmitted = now
    return true
  }

  /// Forgets addresses without a failure for long enough.
  private mutating func forget(before now: UInt32) {
    while oldest != Self.none, now &- entries[oldest].lastFailure >= Self.period { remove(oldest) }
  }

  private mutating func add(_ address: PeerAddress, now: UInt32) -> Int {
    if places.count == capacity { remove(oldest) }
    let entry = Entry(address: address, began: now, lastFailure: now)
    let place: Int
    if let reused = free.popLast() {
      place = reused
      entries[place] = entry
    } else {
      place = entries.count
      entries.append(entry)
    }
    places[address] = place
    linkNewest(place)
    return place
  }

  private mutating func remove(_ place: Int) {
    unlink(place)
    places[entries[place].address] = nil
    free.append(place)
  }

  private mutating func linkNewest(_ place: Int) {
    entries[place].older = newest
    entries[place].newer = Self.none
    if newest == Self.none { oldest = place } else { entries[newest].newer = place }
    newest = place
  }

  private mutating func unlink(_ place: Int) {
    let (older, newer) = (entries[place].older, entries[place].newer)
    if older == Self.none { oldest = newer } else { entries[older].newer = newer }
    if newer == Self.none { newest = older } else { entries[newer].older = older }
  }
}
