// The subscriptions.

import Containers

/// The subscriptions of clients to topics, by number and by the two of them, and the initial batches of presence under way.
struct SubscriptionTable: ~Copyable {
  private var subscriptions = Slab<Subscription>(filler: Subscription())
  /// Numbers by the hash of client and topic.
  var index = HashIndex()
  /// The initial batches of presence that are under way.
  var rosters = Slab<Roster>(filler: Roster())
  /// The number of subscriptions with PRESENCE.
  var withPresence = 0

  /// A subscription, in place.
  subscript(number: UInt32) -> Subscription {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(subscriptions.address(number)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe subscriptions.address(number) }
  }

  var count: Int { subscriptions.count }
  var numbersGiven: Int { subscriptions.numbersGiven }

  /// Adds a subscription under the hash of its client and its topic; returns its number.
  mutating func insert(_ subscription: Subscription, _ hash: UInt32) -> UInt32 {
    let number = subscriptions.insert(subscription)
    index.insert(hash, number)
    return number
  }

  /// Removes a subscription that no list refers to any more.
  mutating func remove(_ number: UInt32, _ hash: UInt32) {
    index.remove(hash, number)
    subscriptions[number].topic = .none
    subscriptions.remove(number)
  }

  mutating func hasSlack() -> Bool { subscriptions.hasSlack() || index.hasSlack() || rosters.hasSlack() }
  mutating func giveBack() { subscriptions.giveBack() }
}
