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
      guard addressPeers(of: client) else {
        flow.stops.insert(.unfinished)
        return
      }
      forward(request, bytes, from: client)
    }
    reply(.ok, to: client)
  }

  /// Answers a message that the access rules do not allow.
  private mutating func refuseMessage(_ client: ClientID) {
    run.loops = 0
    reply(.notAllowed, to: client)
  }
}
