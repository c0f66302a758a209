// Comparing what connections got with what they had to get.

import SSMPCore

extension Model {
  /// Compares all streams, in which nothing is on its way any more, with the model; throws at the first difference.
  public func checkQuiet(_ world: World) throws {
    for number in peers.indices { try checkStream(number, world.connections[number]) }
    let live = peers.filter { !$0.isOver && $0.name != nil }
    let topics = Set(live.flatMap(\.topics.keys))
    let subscriptions = live.reduce(0) { $0 + $1.topics.count }
    try same(world.registry.clientCount, live.count, "clients")
    try same(world.registry.anonymousCount, live.count { $0.name == "." }, "anonymous clients")
    try same(world.registry.topicCount, topics.count, "topics")
    try same(world.registry.subscriptionCount, subscriptions, "subscriptions")
  }

  private func same<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
    try check(found == expected, "\(what): \(found) instead of \(expected)")
  }

  /// Reads one connection's stream as a client would, from its beginning.
  private func checkStream(_ number: Int, _ connection: Connection) throws {
    let peer = peers[number]
    let who = "connection \(number) (\(peer.name ?? "not logged in"))"
    var view = ClientView(name: peer.name)
    var answers = peer.answers.makeIterator()
    var events = peer.messages.makeIterator()
    for message in try ServerMessage.all(in: connection.received) {
      if message.code != "000" || message.verb == "PONG" {
        let expected = answers.next()
        try same(.some(text(message.line)), expected?.line, "\(who), answer")
        if let expected, expected.line == "200" { view.applied(expected) }
      } else if message.verb == "SUBSCRIBE" || message.verb == "UNSUBSCRIBE" {
        try view.presence(message, who)
      } else {
        try same(.some(shown(message.line)), events.next().map { shown($0) }, "\(who), event")
        try view.delivered(message, who)
      }
    }
    if connection.hungUp { return }
    try same(nil, answers.next()?.line, "\(who), missing answer")
    try same(nil, events.next().map { shown($0) }, "\(who), missing event")
    try check(connection.closed == peer.ended, "\(who) closed: \(String(describing: connection.closed))")
    guard peer.ended == nil, let name = peer.name else { return }
    for (topic, watches) in peer.topics {
      var others = watches ? members(of: topic) : [:]
      others[name] = nil
      try check(
        view.topics[topic]?.present == others,
        "\(who) sees \(String(describing: view.topics[topic])) in \(topic), where there are \(others)")
    }
  }
}
