// Subscribing and unsubscribing.

import Containers

extension Registry {
  /// Serves SUBSCRIBE (Subscribe to multicast topic; Presence notifications).
  mutating func subscribe(_ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    run.loops = 0
    guard isAllowed(request.wantsPresence ? [.subscribe, .presence] : .subscribe, request, bytes, client) else {
      return reply(.notAllowed, to: client)
    }
    let key = hash(bytes, request.id)
    let known = topic(bytes, request.id, key)
    if let known, subscription(of: client, to: known) != nil { return reply(.conflict, to: client) }
    guard record(client).subscriptionCount < limits.subscriptions else {
      counts.subscriptionsRefused += 1
      noteRefusal(.subscriptionLimit, request, bytes, client)
      return reply(.notAllowed, to: client)
    }
    let topic = known ?? addTopic(bytes, request.id, key)
    // The 200 comes first, and nothing of the topic before it.
    reply(.ok, to: client)
    spend(Int(topics[topic].watchers.count))
    address(topics[topic].watchers, except: nil)
    announce(.subscribe, record(client).name, topic, presence: request.wantsPresence)
    let number = addSubscription(client, topic)
    if request.wantsPresence { beginRoster(number) }
  }

  /// Serves UNSUBSCRIBE (Unsubscribe from multicast topic).
  mutating func unsubscribe(_ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    run.loops = 0
    guard let topic = topic(bytes, request.id, hash(bytes, request.id)),
      let subscription = subscription(of: client, to: topic)
    else { return reply(.notFound, to: client) }
    remove(subscription: subscription)
    // What the topic had for this client went before, in the same log.
    logs[client.loop].endReplies()
    reply(.ok, to: client)
  }

  private mutating func addTopic(_ bytes: RawSpan, _ range: Range<Int>, _ key: UInt32) -> UInt32 {
    topics.insert(Topic(name: names.insert(bytes, range), hash: key))
  }

  private mutating func addSubscription(_ client: ClientID, _ topic: UInt32) -> UInt32 {
    let next = record(client).firstSubscription
    let number = subscriptions.insert(
      Subscription(topic: topic, client: client, next: next), hash(client.raw, topic))
    if next != .none { subscriptions[next].previous = number }
    update(client) {
      $0.firstSubscription = number
      $0.subscriptionCount += 1
    }
    subscriptions[number].member = topics[topic].members.append(Member(client: client, subscription: number))
    topics[topic].loops |= 1 << UInt32(client.loop & 31)
    count(number, 1, record(client).congestion)
    // A sender that waits because all members were congested keeps another one waiting now.
    release(.topic(topic))
    return number
  }

  /// Ends a subscription. Tells the watchers of the topic, and the subscribers with an initial
  /// batch in progress that has already shown the member. O(watchers and initial batches of the
  /// topic), and independent of the number of members.
  mutating func remove(subscription number: UInt32) {
    let subscription = subscriptions[number]
    let topic = subscription.topic
    stopWatching(number)
    spend(Int(topics[topic].watchers.count))
    address(topics[topic].watchers, except: nil)
    addressRosters(of: topic, thatShowed: subscription.member)
    announce(.unsubscribe, record(subscription.client).name, topic, presence: false)
    detach(subscription: number)
  }

  /// Takes a subscription out of its topic and its client. All clients that must learn of its end
  /// have been told, or will be by a farewell.
  mutating func detach(subscription number: UInt32) {
    let subscription = subscriptions[number]
    let topic = subscription.topic
    count(number, -1, record(subscription.client).congestion)
    let moved = topics[topic].members.remove(at: subscription.member)
    if let moved { subscriptions[moved.subscription].member = subscription.member }
    closeGap(in: topic, at: subscription.member, filledBy: moved)
    if !broadcasts.gatherings.isEmpty { noteGap(in: topic, at: subscription.member, filledBy: moved) }
    unlink(number)
    // Requests that wait for members of the topic are looked at again.
    release(.topic(topic))
    if topics[topic].members.count == 0 { removeTopic(topic) }
  }

  /// Makes the client of a subscription a watcher of its topic.
  mutating func watch(_ number: UInt32) {
    let (client, topic) = (subscriptions[number].client, subscriptions[number].topic)
    subscriptions[number].watch = .watcher(
      topics[topic].watchers.append(Member(client: client, subscription: number)))
    subscriptions[number].since = departures.begun
    countWatcher(number, 1, record(client).congestion)
  }

  mutating func stopWatching(_ number: UInt32) {
    let subscription = subscriptions[number]
    countWatcher(number, -1, record(subscription.client).congestion)
    if let place = subscription.watch.watcher {
      if let moved = topics[subscription.topic].watchers.remove(at: place) {
        subscriptions[moved.subscription].watch = .watcher(place)
      }
    } else if let roster = subscription.watch.roster {
      removeRoster(roster)
    }
    if subscription.watch != .none { subscriptions.withPresence -= 1 }
    subscriptions[number].watch = .none
  }

  private mutating func unlink(_ number: UInt32) {
    let subscription = subscriptions[number]
    if subscription.next != .none { subscriptions[subscription.next].previous = subscription.previous }
    if subscription.previous != .none { subscriptions[subscription.previous].next = subscription.next }
    update(subscription.client) {
      if $0.firstSubscription == number { $0.firstSubscription = subscription.next }
      $0.subscriptionCount -= 1
    }
    subscriptions.remove(number, hash(subscription.client.raw, subscription.topic))
  }

  private mutating func removeTopic(_ number: UInt32) {
    names.remove(topics[number].name)
    topics.remove(number)
  }
}
