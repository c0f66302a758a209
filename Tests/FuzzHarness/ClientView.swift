// What a client believes.

/// What a client knows of its topics from the stream it reads, and the rules that each event has to keep then.
struct ClientView {
  /// A subscription: whether presence was asked for, and who is present, with their PRESENCE flags.
  struct Topic {
    let watches: Bool
    var present: [String: Bool] = [:]
  }

  let name: String?
  private(set) var topics: [String: Topic] = [:]

  init(name: String?) {
    self.name = name
  }

  /// A request was answered 200.
  mutating func applied(_ answer: Model.Answer) {
    if answer.verb == "SUBSCRIBE" { topics[answer.topic] = Topic(watches: answer.watches) }
    if answer.verb == "UNSUBSCRIBE" { topics[answer.topic] = nil }
  }

  /// A message came: one to a topic only while subscribed.
  func delivered(_ message: ServerMessage, _ who: String) throws {
    try check(message.verb != "MCAST" || topics[message.id] != nil, "\(who) is not subscribed: \(text(message.line))")
  }

  /// Somebody came or went (Presence notifications): in a safe order, and never oneself.
  mutating func presence(_ message: ServerMessage, _ who: String) throws {
    let line = text(message.line)
    try check(topics[message.id]?.watches == true, "\(who) does not watch: \(line)")
    try check(message.from != name, "\(who) is told about itself: \(line)")
    let known = topics[message.id]?.present[message.from]
    if message.verb == "SUBSCRIBE" {
      try check(known == nil, "\(who) knows already: \(line)")
      topics[message.id]?.present[message.from] = !message.rest.isEmpty
    } else {
      try check(known != nil, "\(who) never heard of: \(line)")
      topics[message.id]?.present[message.from] = nil
    }
  }
}
