// Recipients that do not take what they are sent as fast as it comes.

import Containers

/// Whether a recipient's pending output holds senders back.
public enum Congestion: UInt8, BitwiseCopyable, Sendable {
  /// It takes what it is sent.
  case none
  /// Its pending output is over the soft mark, and senders wait until it has drained.
  case waitedFor
  /// The same, but it has had its share of waiting: senders that have other recipients do not wait for it.
  case slow
  /// The same, but it has not drained for seconds. A sender that keeps the pace of its slowest
  /// recipient does not count it.
  case stuck
}

extension Registry {
  /// Says whether a client's pending output holds senders back. Senders that wait for it get a `resume` delivery when it
  /// has drained, or need not be waited for any more; their requests are looked at again then.
  public mutating func setCongestion(_ client: ClientID, _ congestion: Congestion) {
    begin(actingFor: client)
    if isActive(client) { change(client, to: congestion) }
  }

  /// O(subscriptions of the client) and the senders that wait.
  mutating func change(_ client: ClientID, to congestion: Congestion) {
    let before = record(client).congestion
    guard before != congestion else { return }
    update(client) { $0.congestion = congestion }
    if before == .none { flow.congestedClients += 1 }
    if congestion == .none { flow.congestedClients -= 1 }
    if flow.congestedClients > 0 { flow.stops.insert(.congested) } else { flow.stops.remove(.congested) }
    // Whatever else changes lets somebody go on.
    let isRelief = congestion != .waitedFor
    var subscription = record(client).firstSubscription
    while subscription != .none {
      let topic = subscriptions[subscription].topic
      count(subscription, -1, before)
      count(subscription, 1, congestion)
      if isRelief { release(.topic(topic)) }
      subscription = subscriptions[subscription].next
    }
    if isRelief { release(.client(client)) }
  }

  /// Counts a subscription of a client, or counts it no more, among those of its topic that are congested.
  mutating func count(_ number: UInt32, _ change: Int32, _ congestion: Congestion) {
    guard congestion != .none else { return }
    let topic = subscriptions[number].topic
    if topics[topic].congestion == .none { topics[topic].congestion = flow.topics.insert(TopicCongestion()) }
    let entry = topics[topic].congestion
    flow.topics[entry].members = flow.topics[entry].members.advanced(by: Int(change))
    switch congestion {
    case .none, .waitedFor: break
    case .slow: flow.topics[entry].slow = flow.topics[entry].slow.advanced(by: Int(change))
    case .stuck: flow.topics[entry].stuck = flow.topics[entry].stuck.advanced(by: Int(change))
    }
    countWatcher(number, change, congestion)
    guard flow.topics[entry].members == 0 else { return }
    flow.topics.remove(entry)
    topics[topic].congestion = .none
  }

  /// The same for the watchers among them alone.
  mutating func countWatcher(_ number: UInt32, _ change: Int32, _ congestion: Congestion) {
    guard congestion == .waitedFor, subscriptions[number].watch.watcher != nil else { return }
    let entry = topics[subscriptions[number].topic].congestion
    flow.topics[entry].waitedWatchers = flow.topics[entry].waitedWatchers.advanced(by: Int(change))
  }

  /// The congested members of a topic.
  func congestion(of topic: UInt32) -> TopicCongestion {
    let entry = topics[topic].congestion
    return entry == .none ? TopicCongestion() : flow.topics[entry]
  }

  /// Lets senders go on that wait for something: their requests are looked at again.
  mutating func release(_ obstacle: Obstacle) {
    guard !flow.waiters.isEmpty, let waiting = flow.waiters.removeValue(forKey: obstacle) else { return }
    resume(waiting)
  }
}
