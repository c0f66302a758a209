// The departure of a client, in bounded steps.
//
// One step removes the client: its identity, its subscriptions, its watching. Its UNSUBSCRIBE events may take longer. Each
// of its topics with watchers is a *farewell*. Farewells that do not fit into the step wait in a queue, which the loops work
// through. If many clients that watch one another leave together, most watchers have left before their events are due.
//
// The order that the specification demands holds. A LOGIN waits until its identity has no farewells left, so an UNSUBSCRIBE of
// the old connection comes before anything of the new one. A watcher that subscribed after the departure never saw the client
// and gets no UNSUBSCRIBE for it.

import Containers

/// A client that has left and has farewells in the queue.
struct Departure: BitwiseCopyable {
  var name = NameReference.empty
  var hash: UInt32 = 0
  /// The number of this departure, compared with `Subscription.since`.
  var number: UInt32 = 0
  /// Where its farewells are in the queue, and how many of them are left.
  var start: UInt64 = 0
  var end: UInt64 = 0
  var left: UInt32 = 0
}

/// An UNSUBSCRIBE event that the watchers of one topic must still get.
struct Farewell: BitwiseCopyable {
  /// The topic; `none` when there is nothing left to be told.
  var topic: UInt32
  var departure: UInt32
}

/// How far departures have come.
public enum DepartureProgress: Equatable, Sendable {
  /// The queue is empty.
  case done
  /// There is more.
  case more
  /// There is more, but the log of some loop is full. That loop goes on after it has taken its log.
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
  /// Removes a client that is logged in: its identity and its subscriptions, with their UNSUBSCRIBE events. Requests that wait
  /// for this client go on. O(its subscriptions), plus the events that the step has room for.
  mutating func remove(_ client: ClientID) {
    if record(client).congestion != .none { change(client, to: .none) }
    if !broadcasts.gatherings.isEmpty { noteDeparture(of: client) }
    let record = record(client)
    if record.isAnonymous { clients.anonymous -= 1 } else { clients.identities.remove(record.hash, client.raw) }
    clients.active -= 1
    guard record.firstSubscription != .none else {
      names.remove(record.name)
      return update(client) { $0 = Client() }
    }
    let start = departures.farewells.end
    // Older farewells come first.
    let mayTell = departures.farewells.isEmpty
    update(client) { $0.isActive = false }
    // First, so that an initial batch that this completes makes a watcher that is not told twice.
    departures.begun &+= 1
    let number = departures.insert(Departure(name: record.name, hash: record.hash, number: departures.begun))
    while self.record(client).firstSubscription != .none {
      leave(subscription: self.record(client).firstSubscription, on: number, mayTell: mayTell)
    }
    update(client) { $0 = Client() }
    guard departures[number].left > 0 else {
      names.remove(record.name)
      return departures.remove(number)
    }
    departures[number].start = start
    departures[number].end = departures.farewells.end
    departures.identities.insert(record.hash, number)
    flow.stops.insert(.departing)
  }

  /// Ends a subscription of a departing client. Watchers get the UNSUBSCRIBE now, or later by a
  /// farewell. Subscribers with an initial batch in progress get it now if their batch has already
  /// shown this client: later, this is no longer known.
  private mutating func leave(subscription number: UInt32, on departure: UInt32, mayTell: Bool) {
    let topic = subscriptions[number].topic
    stopWatching(number)
    let watchers = topics[topic].watchers
    let isTold = mayTell && departures.farewells.isEmpty && mayTellMore(watchers.count)
    if isTold {
      spend(Int(watchers.count))
      address(watchers, except: nil)
    } else if watchers.count > 0 {
      departures.farewells.append(Farewell(topic: topic, departure: departure))
      departures[departure].left += 1
    }
    addressRosters(of: topic, thatShowed: subscriptions[number].member)
    announce(.unsubscribe, departures[departure].name, topic, presence: false)
    detach(subscription: number)
  }

  /// True when the step has room for an event to so many watchers.
  private func mayTellMore(_ watchers: UInt32) -> Bool {
    watchers == 0 || !hasFullLog && flow.steps + Int(watchers) < limits.stepBudget
  }

  /// Works through the queue of farewells on behalf of a loop, until the step is used up or a log is full.
  public mutating func advanceDepartures(on loop: Int) -> DepartureProgress {
    beginStep(on: loop)
    while let first = departures.farewells.first {
      if hasFullLog { return .obstructed }
      if flow.stops.contains(.spent) { return .more }
      tell(first)
      departures.farewells.removeFirst()
    }
    return .done
  }

  /// Sends an UNSUBSCRIBE to the watchers of a topic that subscribed before the departure.
  private mutating func tell(_ farewell: Farewell) {
    guard farewell.topic != .none else { return }
    let topic = farewell.topic
    let departure = departures[farewell.departure]
    let watchers = topics[topic].watchers
    spend(Int(watchers.count) + 1)
    // A number is compared within the departures that there have been since this one, so that it may begin again.
    let later = departures.begun &- departure.number
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
    departures.identities.remove(departure.hash, number)
    if departures.identities.count == 0 { flow.stops.remove(.departing) }
    names.remove(departure.name)
    departures.remove(number)
    release(.departure(number))
  }

  /// The departure that a LOGIN has to wait for: one of the same identity with farewells left. They are sent now, before all
  /// others, as far as the step has room; if that was all, the LOGIN need not wait.
  mutating func departure(ofWhoWas bytes: RawSpan, _ range: Range<Int>) -> UInt32? {
    guard flow.stops.contains(.departing) else { return nil }
    let key = hash(bytes, range)
    var cursor = departures.identities.first(key)
    while let number = departures.identities.next(&cursor, key) {
      guard names.matches(departures[number].name, bytes, range) else { continue }
      return hurry(number) ? nil : number
    }
    return nil
  }

  /// Sends the farewells of one departure; true when none is left.
  private mutating func hurry(_ number: UInt32) -> Bool {
    let departure = departures[number]
    var left = departure.left
    for place in max(departure.start, departures.farewells.place)..<departure.end where left > 0 {
      let farewell = departures.farewells[place]
      guard farewell.departure == number, farewell.topic != .none else { continue }
      if hasFullLog || flow.stops.contains(.spent) { return false }
      departures.farewells[place].topic = .none
      left -= 1
      tell(farewell)
    }
    return left == 0
  }
}
