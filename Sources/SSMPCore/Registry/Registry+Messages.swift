// Unicast, multicast and broadcast.

extension Registry {
  /// Serves UCAST (Unicast).
  mutating func unicast(_ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    if !extendRun(request, bytes, from: client) {
      guard isAllowed(.unicast, request, bytes, client) else { return refuseMessage(client) }
      guard let recipient = self.client(bytes, request.id, hash(bytes, request.id)) else {
        return reply(.notFound, to: client)
      }
      // To oneself, responses and events stay in the order of the requests, which a run would not keep.
      if recipient == client { logs[client.loop].endReplies() } else { noteTarget(client, recipient.raw) }
      address(recipient)
      forward(request, bytes, from: client)
      if recipient == client {
        run.loops = 0
        logs[client.loop].endReplies()
      }
    }
    reply(.ok, to: client)
  }

  /// Serves MCAST: to every subscriber except the sender; never 404 (Multicast). O(subscribers) for the first of a run of
  /// messages to one topic, O(1) for those that follow in the same batch.
  mutating func multicast(_ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    if !extendRun(request, bytes, from: client) {
      guard isAllowed(.publish, request, bytes, client) else { return refuseMessage(client) }
      run.loops = 0
      if let topic = topic(bytes, request.id, hash(bytes, request.id)) {
        noteTarget(client, Self.target(of: topic))
        spend(Int(topics[topic].members.count))
        address(topics[topic].members, except: client)
        forward(request, bytes, from: client)
      }
    }
    reply(.ok, to: client)
  }

  /// Serves BCAST: once to every peer with which the sender shares a topic (Broadcast).
  mutating func broadcast(_ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    if !extendRun(request, bytes, from: client) {
      guard isAllowed(.broadcast, request, bytes, client) else { return refuseMessage(client) }
      noteTarget(client, Self.everybody)
      addressPeers(of: client)
      forward(request, bytes, from: client)
    }
    reply(.ok, to: client)
  }

  /// Answers a message that the access rules do not allow.
  private mutating func refuseMessage(_ client: ClientID) {
    run.loops = 0
    reply(.notAllowed, to: client)
  }

  /// Adds everybody who shares a topic with `client` as a recipient of the event in the making, once.
  private mutating func addressPeers(of client: ClientID) {
    broadcast &+= 1
    if broadcast == 0 { restartBroadcasts() }
    let number = broadcast
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

  /// After four billion broadcasts their numbers begin again, and no client may look as if it had been reached.
  private mutating func restartBroadcasts() {
    broadcast = 1
    for loop in 0..<loops {
      for slot in 0..<clients[loop].capacity { clients[loop][slot].broadcast = 0 }
    }
  }
}
