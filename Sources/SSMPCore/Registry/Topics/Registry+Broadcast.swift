// Broadcasts, which may have to look at far more members than one step has room for.

import Containers

/// The peers of a client that broadcasts, as far as its topics have been looked at.
///
/// They are one bit for each slot, so that each of them is there once, and so that a client that leaves meanwhile is taken
/// out before another has its slot.
final class Gathering {
  let client: ClientID
  /// The subscription to the topic that is being looked at, and the place of the next member.
  var subscription: UInt32
  var place: UInt32 = 0
  /// When it was gone on with last.
  var time: UInt32
  private(set) var peers: [[UInt64]]

  init(_ client: ClientID, _ subscription: UInt32, slots: [Int], time: UInt32) {
    self.client = client
    self.subscription = subscription
    self.time = time
    peers = slots.map { Array(repeating: 0, count: ($0 + 63) / 64) }
  }

  func insert(_ peer: ClientID) {
    let word = Int(peer.slot) / 64
    // A table may have grown since.
    while peers[peer.loop].count <= word { peers[peer.loop].append(0) }
    peers[peer.loop][word] |= 1 << UInt64(peer.slot % 64)
  }

  func remove(_ peer: ClientID) {
    let word = Int(peer.slot) / 64
    if word < peers[peer.loop].count { peers[peer.loop][word] &= ~(1 << UInt64(peer.slot % 64)) }
  }
}

/// The clients that wait for a place to broadcast, first in, first out.
struct BroadcasterQueue {
  private var clients: [ClientID] = []
  private var head = 0

  var isEmpty: Bool { head == clients.count }

  mutating func append(_ client: ClientID) { clients.append(client) }

  mutating func popFirst() -> ClientID? {
    guard head < clients.count else { return nil }
    defer {
      head += 1
      // Moved down when that frees half of the memory, so that it is cheap in the long run.
      if head == clients.count || head >= 1024 && head >= clients.count / 2 {
        clients.removeFirst(head)
        head = 0
      }
    }
    return clients[head]
  }
}

extension Registry {
  /// The broadcasts that may be under way at once: others wait for their turn.
  private static var mostGatherings: Int { 16 }
  /// How long, in milliseconds, one keeps its place without being gone on with.
  private static var gatheringTime: UInt32 { 1000 }

  /// Adds each peer that shares a topic with `client` as a recipient of the event in the making, once. False when there are
  /// too many members to look at in this step: then it goes on where it was when the request comes again.
  ///
  /// A peer that shares a topic from before the request comes until it is served is a recipient; one that shares a topic for
  /// a part of that time may be.
  mutating func addressPeers(of client: ClientID) -> Bool {
    var own = broadcasts.gatherings.first { $0.client == client }
    if own == nil, !record(client).awaitsBroadcast, membersToLookAt(of: client) <= limits.stepBudget {
      addressFewPeers(of: client)
      return true
    }
    if own == nil { own = beginGathering(of: client) }
    guard let gathering = own else { return false }
    gathering.time = flow.sender.time
    guard look(for: gathering) else { return false }
    broadcasts.gatherings.removeAll { $0 === gathering }
    callBroadcaster()
    gathering.remove(client)
    for loop in 0..<loops {
      for (word, bits) in gathering.peers[loop].enumerated() {
        var rest = bits
        while rest != 0 {
          address(ClientID(loop: loop, slot: UInt32(word * 64 + rest.trailingZeroBitCount)))
          rest &= rest - 1
        }
      }
    }
    return true
  }

  /// Begins a broadcast if a place is free and no other client waits for one. Otherwise the sender joins the queue, and asks again
  /// in each turn. If the sender of a broadcast has not gone on with it for a second, because it is held or must not broadcast
  /// any more, the broadcast loses its place and begins anew.
  private mutating func beginGathering(of client: ClientID) -> Gathering? {
    let before = broadcasts.gatherings.count
    broadcasts.gatherings.removeAll { flow.sender.time &- $0.time > Self.gatheringTime }
    for _ in broadcasts.gatherings.count..<before { callBroadcaster() }
    // The call may have been for this one.
    if let own = broadcasts.gatherings.first(where: { $0.client == client }) { return own }
    guard broadcasts.gatherings.count < Self.mostGatherings, broadcasts.queue.isEmpty else {
      if !record(client).awaitsBroadcast { broadcasts.queue.append(client) }
      update(client) { $0.awaitsBroadcast = true }
      spend(1)
      return nil
    }
    return addGathering(of: client)
  }

  /// Gives a place that has become free to the client that has waited longest for one.
  private mutating func callBroadcaster() {
    while broadcasts.gatherings.count < Self.mostGatherings, let client = broadcasts.queue.popFirst() {
      // It may have left since, and another client may have its slot.
      guard isActive(client), record(client).awaitsBroadcast else { continue }
      update(client) { $0.awaitsBroadcast = false }
      _ = addGathering(of: client)
      return
    }
  }

  private mutating func addGathering(of client: ClientID) -> Gathering {
    let slots = (0..<loops).map { clients[$0].capacity }
    let gathering = Gathering(client, record(client).firstSubscription, slots: slots, time: flow.sender.time)
    broadcasts.gatherings.append(gathering)
    return gathering
  }

  /// The members of all topics of a client, counted as far as matters.
  private mutating func membersToLookAt(of client: ClientID) -> Int {
    var sum = 0
    var subscription = record(client).firstSubscription
    while subscription != .none, sum <= limits.stepBudget {
      sum += Int(topics[subscriptions[subscription].topic].members.count) + 1
      subscription = subscriptions[subscription].next
    }
    spend(1)
    return sum
  }

  private mutating func addressFewPeers(of client: ClientID) {
    broadcasts.number &+= 1
    if broadcasts.number == 0 { restartBroadcasts() }
    let number = broadcasts.number
    update(client) { $0.broadcast = number }
    var subscription = record(client).firstSubscription
    while subscription != .none {
      let members = topics[subscriptions[subscription].topic].members
      spend(Int(members.count) + 1)
      for place in 0..<members.count {
        let peer = members[place].client
        guard record(peer).broadcast != number else { continue }
        update(peer) { $0.broadcast = number }
        address(peer)
      }
      subscription = subscriptions[subscription].next
    }
  }

  /// Looks at members until all have been looked at, which is true then, or the step has no room for more.
  private mutating func look(for gathering: Gathering) -> Bool {
    while gathering.subscription != .none {
      let members = topics[subscriptions[gathering.subscription].topic].members
      let room = UInt32(max(1, limits.stepBudget - flow.steps))
      let end = min(members.count, gathering.place + room)
      for place in gathering.place..<max(end, gathering.place) { gathering.insert(members[place].client) }
      spend(Int(end - gathering.place) + 1)
      gathering.place = end
      guard end == members.count else { return false }
      gathering.subscription = subscriptions[gathering.subscription].next
      gathering.place = 0
      if flow.stops.contains(.spent), gathering.subscription != .none { return false }
    }
    return true
  }

  /// A member has left `place`, which `moved`, the last one, has filled: where that brought it among those that have been
  /// looked at, it is looked at now.
  mutating func noteGap(in topic: UInt32, at place: UInt32, filledBy moved: Member?) {
    for gathering in broadcasts.gatherings where gathering.subscription != .none {
      guard subscriptions[gathering.subscription].topic == topic else { continue }
      let count = topics[topic].members.count
      if place < gathering.place, let moved { gathering.insert(moved.client) }
      gathering.place = min(gathering.place, count)
    }
  }

  /// A client has left: it is no recipient any more, and what it broadcasts ends.
  mutating func noteDeparture(of client: ClientID) {
    let before = broadcasts.gatherings.count
    broadcasts.gatherings.removeAll { $0.client == client }
    for gathering in broadcasts.gatherings { gathering.remove(client) }
    if broadcasts.gatherings.count < before { callBroadcaster() }
  }

  /// After four billion broadcasts their numbers begin again, and no client may look as if it had been reached.
  private mutating func restartBroadcasts() {
    broadcasts.number = 1
    for loop in 0..<loops {
      for slot in 0..<clients[loop].capacity where clients[loop][slot].broadcast != 0 {
        clients[loop][slot].broadcast = 0
      }
    }
  }
}
