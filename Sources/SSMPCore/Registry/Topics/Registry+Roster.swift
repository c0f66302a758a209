// The initial batch of presence, which can be far larger than any output may be.

import Containers

extension Registry {
  /// Begins to announce the members of a topic to the client that has just subscribed with PRESENCE.
  ///
  /// What does not fit into a slice is produced later, when the client's output has drained: a member that has not been
  /// announced then is not announced apart when it comes or goes; one that has been is.
  mutating func beginRoster(_ subscription: UInt32) {
    let client = subscriptions[subscription].client
    let topic = subscriptions[subscription].topic
    let isFirst = record(client).firstRoster == .none
    let number = subscriptions.rosters.insert(
      Roster(
        subscription: subscription, nextOfTopic: topics[topic].firstRoster, nextOfClient: record(client).firstRoster))
    if topics[topic].firstRoster != .none { subscriptions.rosters[topics[topic].firstRoster].previousOfTopic = number }
    if !isFirst { subscriptions.rosters[record(client).firstRoster].previousOfClient = number }
    topics[topic].firstRoster = number
    update(client) { $0.firstRoster = number }
    subscriptions[subscription].watch = .roster(number)
    subscriptions.withPresence += 1
    if isFirst { produceRosters(of: client) }
  }

  /// Produces the next slice of a client's initial batches; to be called after a `roster` delivery, when the client's
  /// pending output is low.
  public mutating func continueRosters(of client: ClientID) {
    begin(actingFor: client)
    guard isActive(client) else { return }
    if record(client).accessGeneration != permissions.generation, !readmit(client) { return }
    produceRosters(of: client)
  }

  private mutating func produceRosters(of client: ClientID) {
    run.loops = 0
    logs[client.loop].endReplies()
    var budget = limits.rosterSlice
    while budget > 0, record(client).firstRoster != .none {
      let number = record(client).firstRoster
      let topic = subscriptions[subscriptions.rosters[number].subscription].topic
      // Other access rules have come into force since it began, and it may be a while before everybody has been looked at.
      if permissions.recheckPlace != .nowhere, !isStillAllowed(subscriptions.rosters[number].subscription) {
        return revoke(client)
      }
      logs[client.loop].beginEvents(to: client.slot)
      while budget > 0, subscriptions.rosters[number].shown < topics[topic].members.count {
        let member = topics[topic].members[subscriptions.rosters[number].shown]
        subscriptions.rosters[number].shown += 1
        // Nobody is told about their own presence.
        guard member.client != client else { continue }
        let presence = subscriptions[member.subscription].watch != .none
        let name = record(member.client).name
        let length = writePresence(.subscribe, name, topic, presence: presence, to: client.loop)
        charge(client.loop, length)
        spend(1)
        budget -= length
        counts.events += 1
      }
      finishIfComplete(number)
    }
    if record(client).firstRoster != .none { logs[client.loop].append(.roster, to: client.slot) }
    touch(client.loop)
  }

  /// Adds recipients to the event in the making: the clients with an initial batch in progress that
  /// has already announced the member at `place`.
  mutating func addressRosters(of topic: UInt32, thatShowed place: UInt32) {
    var number = topics[topic].firstRoster
    while number != .none {
      if place < subscriptions.rosters[number].shown {
        address(subscriptions[subscriptions.rosters[number].subscription].client)
      }
      number = subscriptions.rosters[number].nextOfTopic
    }
  }

  /// Keeps the initial batches right after a member has left `place`, which `moved`, the last one, has filled: where that
  /// brought it among those that have been announced, it is announced now.
  mutating func closeGap(in topic: UInt32, at place: UInt32, filledBy moved: Member?) {
    var number = topics[topic].firstRoster
    while number != .none {
      let next = subscriptions.rosters[number].nextOfTopic
      let watcher = subscriptions[subscriptions.rosters[number].subscription].client
      if let moved, place < subscriptions.rosters[number].shown, moved.client != watcher {
        address(watcher)
        announce(
          .subscribe, record(moved.client).name, topic, presence: subscriptions[moved.subscription].watch != .none)
      }
      finishIfComplete(number)
      number = next
    }
  }

  /// Makes the client an ordinary watcher once every member has been announced.
  private mutating func finishIfComplete(_ number: UInt32) {
    let subscription = subscriptions.rosters[number].subscription
    let topic = subscriptions[subscription].topic
    guard subscriptions.rosters[number].shown >= topics[topic].members.count else { return }
    removeRoster(number)
    watch(subscription)
  }

  /// Ends an initial batch that is under way.
  mutating func removeRoster(_ number: UInt32) {
    let roster = subscriptions.rosters[number]
    let subscription = subscriptions[roster.subscription]
    if roster.nextOfTopic != .none {
      subscriptions.rosters[roster.nextOfTopic].previousOfTopic = roster.previousOfTopic
    }
    if roster.previousOfTopic != .none {
      subscriptions.rosters[roster.previousOfTopic].nextOfTopic = roster.nextOfTopic
    } else {
      topics[subscription.topic].firstRoster = roster.nextOfTopic
    }
    if roster.nextOfClient != .none {
      subscriptions.rosters[roster.nextOfClient].previousOfClient = roster.previousOfClient
    }
    if roster.previousOfClient != .none {
      subscriptions.rosters[roster.previousOfClient].nextOfClient = roster.nextOfClient
    } else {
      update(subscription.client) { $0.firstRoster = roster.nextOfClient }
    }
    subscriptions.rosters.remove(number)
  }
}
