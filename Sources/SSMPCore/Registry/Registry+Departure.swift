// Leaving, however many have to be told.
//
// A client that leaves is gone in one step: it has no identity, no subscriptions, and watches nothing any more. What may
// take longer is telling those who watch its topics: each topic is a *farewell*, and farewells that do not fit into the
// step wait in a queue that the loops work through. In a topic of many who watch one another and vanish together, the
// watchers are gone by then, too.
//
// The order that the specification demands holds: nobody logs in under an identity that has farewells left, so nothing of
// the new connection can come before an UNSUBSCRIBE of the old one; and who has begun to watch after the departure, and
// never heard of the client, is not told.

/// A client that has left, with some of its topics still to be told.
struct Departure: BitwiseCopyable {
  var name = NameReference.empty
  var hash: UInt32 = 0
  /// Tells it from departures before and after it.
  var number: UInt32 = 0
  /// Where its farewells are in the queue, and how many of them are left.
  var start: UInt64 = 0
  var end: UInt64 = 0
  var left: UInt32 = 0
}

/// A topic whose watchers have to be told that somebody has left it.
struct Farewell: BitwiseCopyable {
  /// The topic; `none` when there is nothing left to be told.
  var topic: UInt32
  var departure: UInt32
}

/// How far departures have come.
public enum DepartureProgress: Equatable, Sendable {
  /// Everybody who has to know has been told.
  case done
  /// There is more.
  case more
  /// There is more, and a loop has to work off its log first; that loop goes on with it then.
  case obstructed
}

/// The farewells that wait, first in, first out.
struct FarewellQueue: ~Copyable {
  private var entries = FlatArray<Farewell>()
  private var head = 0
  /// The place of the first entry that is kept, due or not.
  private var start: UInt64 = 0

  var isEmpty: Bool { head == entries.count }
  /// The place of the next one that is due.
  var place: UInt64 { start + UInt64(head) }
  /// The place of the next one to be added.
  var end: UInt64 { start + UInt64(entries.count) }
  /// The next one that is due.
  var first: Farewell? { isEmpty ? nil : entries[head] }

  mutating func append(_ farewell: Farewell) { entries.append(farewell) }

  mutating func removeFirst() {
    head += 1
    // Moved down when that frees half of the memory, so that it is cheap in the long run.
    guard head == entries.count || head >= 1024 && head >= entries.count / 2 else { return }
    start += UInt64(head)
    if head == entries.count { entries.removeAll(keepingCapacityUpTo: 1 << 12) } else { entries.removeFirst(head) }
    head = 0
  }

  subscript(place: UInt64) -> Farewell {
    get { entries[Int(place - start)] }
    set { entries[Int(place - start)] = newValue }
  }
}

extension Registry {
  /// Forgets a client that is logged in: its identity, its subscriptions with their UNSUBSCRIBE events, and what others wait
  /// for. O(its subscriptions), and as much of telling others as the step has room for.
  mutating func remove(_ client: ClientID) {
    if record(client).congestion != .none { change(client, to: .none) }
    if !gatherings.isEmpty { noteDeparture(of: client) }
    let record = record(client)
    if record.isAnonymous { anonymousClients -= 1 } else { identities.remove(record.hash, client.raw) }
    activeClients -= 1
    guard record.firstSubscription != .none else {
      names.remove(record.name)
      return update(client) { $0 = Client() }
    }
    let start = farewells.end
    // Those that wait already are told first.
    let mayTell = farewells.isEmpty
    update(client) { $0.isActive = false }
    // First, so that an initial batch that this completes makes a watcher that is not told twice.
    departuresBegun &+= 1
    let number = departures.insert(Departure(name: record.name, hash: record.hash, number: departuresBegun))
    while self.record(client).firstSubscription != .none {
      leave(subscription: self.record(client).firstSubscription, on: number, mayTell: mayTell)
    }
    update(client) { $0 = Client() }
    guard departures[number].left > 0 else {
      names.remove(record.name)
      return departures.remove(number)
    }
    departures[number].start = start
    departures[number].end = farewells.end
    departingIdentities.insert(record.hash, number)
    stops |= Self.departing
  }

  /// Ends a subscription of a client that leaves. Those whose initial batch is under way are told now, since what they have
  /// been shown is known now; watchers are told now or by a farewell.
  private mutating func leave(subscription number: UInt32, on departure: UInt32, mayTell: Bool) {
    let topic = subscriptions[number].topic
    stopWatching(number)
    let watchers = topics[topic].watchers
    let isTold = mayTell && farewells.isEmpty && mayTellMore(watchers.count)
    if isTold {
      spend(Int(watchers.count))
      address(watchers, except: nil)
    } else if watchers.count > 0 {
      farewells.append(Farewell(topic: topic, departure: departure))
      departures[departure].left += 1
    }
    addressRosters(of: topic, thatShowed: subscriptions[number].member)
    announce(.unsubscribe, departures[departure].name, topic, presence: false)
    detach(subscription: number)
  }

  /// True when the step has room for telling so many.
  private func mayTellMore(_ watchers: UInt32) -> Bool {
    watchers == 0 || !hasFullLog && steps + Int(watchers) < limits.stepBudget
  }

  /// Goes on with what departures have left to be told, on behalf of a loop.
  public mutating func advanceDepartures(on loop: Int) -> DepartureProgress {
    beginStep(on: loop)
    while let first = farewells.first {
      if hasFullLog { return .obstructed }
      if stops & Self.spent != 0 { return .more }
      tell(first)
      farewells.removeFirst()
    }
    return .done
  }

  /// Tells the watchers of one topic, which have been watching since before the departure, that the client has left.
  private mutating func tell(_ farewell: Farewell) {
    guard farewell.topic != .none else { return }
    let topic = farewell.topic
    let departure = departures[farewell.departure]
    let watchers = topics[topic].watchers
    spend(Int(watchers.count) + 1)
    // A number is compared within the departures that there have been since this one, so that it may begin again.
    let later = departuresBegun &- departure.number
    for place in 0..<watchers.count {
      let watcher = watchers[place]
      if subscriptions[watcher.subscription].since &- departure.number > later { address(watcher.client) }
    }
    announce(.unsubscribe, departure.name, topic, presence: false)
    departures[farewell.departure].left -= 1
    if departures[farewell.departure].left == 0 { finish(departure: farewell.departure) }
  }

  private mutating func finish(departure number: UInt32) {
    let departure = departures[number]
    departingIdentities.remove(departure.hash, number)
    if departingIdentities.count == 0 { stops &= ~Self.departing }
    names.remove(departure.name)
    departures.remove(number)
    release(.departure(number))
  }

  /// What stands in the way of a LOGIN: a departure under the same identity of which not everybody has been told. It is told
  /// now, before all others, as far as the step has room.
  mutating func departure(ofWhoWas bytes: RawSpan, _ range: Range<Int>) -> UInt32? {
    guard stops & Self.departing != 0 else { return nil }
    let key = hash(bytes, range)
    var cursor = departingIdentities.first(key)
    while let number = departingIdentities.next(&cursor, key) {
      guard names.matches(departures[number].name, bytes, range) else { continue }
      return hurry(number) ? nil : number
    }
    return nil
  }

  /// Tells what one departure has left; true when that was all.
  private mutating func hurry(_ number: UInt32) -> Bool {
    let departure = departures[number]
    var left = departure.left
    for place in max(departure.start, farewells.place)..<departure.end where left > 0 {
      let farewell = farewells[place]
      guard farewell.departure == number, farewell.topic != .none else { continue }
      if hasFullLog || stops & Self.spent != 0 { return false }
      farewells[place].topic = .none
      left -= 1
      tell(farewell)
    }
    return left == 0
  }
}
