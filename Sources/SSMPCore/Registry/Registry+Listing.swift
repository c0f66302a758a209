// Listings of the registry for the operator, in pages. While a page is made, loops may have to wait
// for the registry, so pages are short.

import Containers

/// A piece of a listing.
///
/// A listing is weakly consistent: what is there from its beginning to its end is in it once, as long as nothing that it
/// has passed leaves; what comes and goes meanwhile may be missing, or be there twice.
public struct ListingPage<Item: Sendable>: Sendable {
  /// What the piece holds; it may be empty although more follows.
  public var items: [Item] = []
  /// Where the next piece begins; `nil` when this was the last one.
  public var next: Int?

  /// An empty piece, and the last one.
  public init() {}
}

/// A topic, as a listing shows it.
public struct TopicSummary: Sendable, Equatable {
  /// The topic's name.
  public let name: [UInt8]
  /// The number of its subscribers.
  public let subscribers: Int
  /// The number of its watchers: subscribers with PRESENCE and a complete initial batch.
  public let watchers: Int
}

/// A subscription, as a listing shows it.
public struct SubscriptionSummary: Sendable, Equatable {
  /// The name of the topic.
  public let topic: [UInt8]
  /// The identifier of the subscriber.
  public let identifier: [UInt8]
  /// The connection of the subscriber.
  public let client: ClientID
  /// True with PRESENCE.
  public let hasPresence: Bool
}

extension Registry {
  /// The number of subscriptions with PRESENCE.
  public var presenceCount: Int { subscriptions.withPresence }
  /// The number of clients that senders are held back for.
  public var congestedCount: Int { flow.congestedClients }

  /// The connection that is logged in under a name.
  public func client(named name: [UInt8]) -> ClientID? {
    guard (1...Bounds.id).contains(name.count) else { return nil }
    let bytes = unsafe name.span.bytes
    return client(bytes, 0..<name.count, hash(bytes, 0..<name.count))
  }

  /// The number of subscriptions of a connection.
  public func subscriptionCount(of client: ClientID) -> Int {
    isActive(client) ? Int(record(client).subscriptionCount) : 0
  }

  /// The topic with a name.
  public func topic(named name: [UInt8]) -> TopicSummary? {
    guard let number = topicNumber(name) else { return nil }
    return summary(number)
  }

  /// Topics with names that begin with `prefix`.
  ///
  /// - Parameters:
  ///   - start: 0, or `next` of the piece before.
  ///   - limit: the places that are looked at.
  public func topics(from start: Int, lookingAt limit: Int, prefix: [UInt8]) -> ListingPage<TopicSummary> {
    var page = ListingPage<TopicSummary>()
    let end = min(start + limit, topics.numbersGiven)
    guard start >= 0, start < end else { return page }
    for number in UInt32(start)..<UInt32(end) where topics[number].members.count > 0 {
      if begins(topics[number].name, with: prefix) { page.items.append(summary(number)) }
    }
    page.next = end < topics.numbersGiven ? end : nil
    return page
  }

  /// Subscribers of a topic; `nil` when there is no such topic.
  ///
  /// - Parameters:
  ///   - start: 0, or `next` of the piece before.
  ///   - limit: the most of them in a piece.
  public func subscribers(
    of name: [UInt8], from start: Int, atMost limit: Int
  ) -> ListingPage<SubscriptionSummary>? {
    guard let topic = topicNumber(name) else { return nil }
    var page = ListingPage<SubscriptionSummary>()
    let members = topics[topic].members
    let end = min(start + limit, Int(members.count))
    guard start >= 0, start < end else { return page }
    for place in UInt32(start)..<UInt32(end) { page.items.append(summary(subscription: members[place].subscription)) }
    page.next = end < Int(members.count) ? end : nil
    return page
  }

  /// Subscriptions of a connection, the latest first.
  ///
  /// - Parameters:
  ///   - start: `nil`, or `next` of the piece before. The listing ends early when that subscription has ended meanwhile.
  ///   - limit: the most of them in a piece.
  public func subscriptions(
    of client: ClientID, from start: Int?, atMost limit: Int
  ) -> ListingPage<SubscriptionSummary> {
    var page = ListingPage<SubscriptionSummary>()
    guard isActive(client) else { return page }
    var number = start.map { UInt32(truncatingIfNeeded: $0) } ?? record(client).firstSubscription
    if start != nil, !isSubscription(number, of: client) { return page }
    while number != .none, page.items.count < limit {
      page.items.append(summary(subscription: number))
      number = subscriptions[number].next
    }
    page.next = number == .none ? nil : Int(number)
    return page
  }

  /// True when this is the number of a subscription that the client still has.
  private func isSubscription(_ number: UInt32, of client: ClientID) -> Bool {
    guard Int(number) < subscriptions.numbersGiven, subscriptions[number].client == client else { return false }
    return subscription(of: client, to: subscriptions[number].topic) == number
  }

  private func topicNumber(_ name: [UInt8]) -> UInt32? {
    guard (1...Bounds.id).contains(name.count) else { return nil }
    let bytes = unsafe name.span.bytes
    return topic(bytes, 0..<name.count, hash(bytes, 0..<name.count))
  }

  private func summary(_ topic: UInt32) -> TopicSummary {
    TopicSummary(
      name: names.bytes(of: topics[topic].name), subscribers: Int(topics[topic].members.count),
      watchers: Int(topics[topic].watchers.count))
  }

  private func summary(subscription number: UInt32) -> SubscriptionSummary {
    let subscription = subscriptions[number]
    return SubscriptionSummary(
      topic: names.bytes(of: topics[subscription.topic].name),
      identifier: names.bytes(of: record(subscription.client).name), client: subscription.client,
      hasPresence: subscription.watch != .none)
  }

  private func begins(_ name: NameReference, with prefix: [UInt8]) -> Bool {
    prefix.isEmpty || (prefix.count <= Int(name.length) && names.bytes(of: name).starts(with: prefix))
  }
}
