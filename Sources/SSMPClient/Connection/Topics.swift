// What a client is subscribed to.

/// A topic that the program wants to be subscribed to.
final class Topic {
  /// A sequence of the topic's events.
  struct Member {
    let number: UInt64
    let queue: EventQueue<TopicEvent>
    let watches: Bool
    /// The task that waits for the subscription; `nil` once it has it.
    var starter: Caller?
  }

  let id: ID
  var members: [Member] = []
  /// The number of the SUBSCRIBE that counts: responses to earlier ones do not.
  var attempt: UInt64 = 0
  /// True when the response to it was 200.
  var isActive = false
  /// True when the members have been told that they are interrupted.
  var isInterrupted = false
  /// True when the SUBSCRIBE asks for presence.
  var watches = false
  /// The others in the topic, and whether they watch it; with presence only.
  var roster: [ID: Bool] = [:]

  init(_ id: ID) {
    self.id = id
  }

  /// True if one of the members wants presence.
  var wantsPresence: Bool { members.contains { $0.watches } }
}

/// The topics that the program wants to be subscribed to, whether there is a connection or not.
struct Topics {
  private(set) var all: [ID: Topic] = [:]
  private var nextNumber: UInt64 = 0
  private var nextAttempt: UInt64 = 0

  /// A number that no member and no attempt has yet.
  mutating func number() -> UInt64 {
    nextNumber += 1
    return nextNumber
  }

  /// The topic, which is made if it is new.
  mutating func topic(_ id: ID) -> Topic {
    if let topic = all[id] { return topic }
    let topic = Topic(id)
    all[id] = topic
    return topic
  }

  /// Forgets a topic.
  mutating func remove(_ topic: Topic) {
    if all[topic.id] === topic { all[topic.id] = nil }
  }

  /// Begins another attempt to subscribe to a topic.
  mutating func begin(_ topic: Topic) -> UInt64 {
    nextAttempt += 1
    topic.attempt = nextAttempt
    topic.isActive = false
    topic.roster = [:]
    topic.watches = topic.wantsPresence
    return nextAttempt
  }

  /// Forgets all topics, and returns them.
  mutating func removeAll() -> [Topic] {
    defer { all = [:] }
    return Array(all.values)
  }
}
