// Events, and the sequences that they belong to.

import SSMPCore

extension ClientCore {
  /// Puts an event where it belongs.
  @inline(__always)
  func take(_ message: Message, _ bytes: RawSpan, _ delivery: inout Delivery) {
    let from = ID(validated: bytes, message.from)
    if !taps.isEmpty { tell(message, from, bytes, &delivery) }
    switch message.verb {
    case .mcast:
      guard topic(of: message, bytes, &delivery, isPresence: false) != nil else { return }
      delivery.events.append(.message(from: from, delivery.payload(message.payload)))
    case .ucast:
      let payload = delivery.payload(message.payload)
      if !exchanges.isIdle, takeExchange(from: from, payload) { return }
      delivery.messages.append(.unicast(from: from, payload))
    case .bcast: delivery.messages.append(.broadcast(from: from, delivery.payload(message.payload)))
    case .subscribe:
      guard let topic = topic(of: message, bytes, &delivery, isPresence: true) else { return }
      topic.roster[from] = message.hasPresence
      delivery.events.append(.joined(from, watches: message.hasPresence))
    case .unsubscribe:
      guard let topic = topic(of: message, bytes, &delivery, isPresence: true) else { return }
      topic.roster[from] = nil
      if exchanges.hasAsked { left(topic.id) }
      delivery.events.append(.left(from))
    default: break
    }
  }

  /// The topic of an event, if the client is subscribed to it: what is gathered then belongs to it.
  @inline(__always)
  private func topic(
    of message: Message, _ bytes: RawSpan, _ delivery: inout Delivery, isPresence: Bool
  ) -> Topic? {
    let id = ID(validated: bytes, message.id)
    if let topic = delivery.topic, topic.id == id, delivery.isPresence == isPresence { return topic }
    // What was sent before the response to SUBSCRIBE belongs to an earlier subscription.
    guard let topic = topics.all[id], topic.isActive else { return nil }
    deliver(&delivery)
    delivery.topic = topic
    delivery.isPresence = isPresence
    return topic
  }

  /// Gives sequences what was gathered for them.
  func deliver(_ delivery: inout Delivery) {
    if let topic = delivery.topic, !delivery.events.isEmpty {
      if topic.members.count == 1, topic.members[0].watches || !delivery.isPresence {
        add(moving: &delivery.events, to: topic.members[0].queue)
      } else {
        deliver(delivery.events, to: topic, watchersOnly: delivery.isPresence)
        delivery.events.removeAll(keepingCapacity: true)
      }
    }
    delivery.topic = nil
    guard !delivery.messages.isEmpty else { return }
    add(moving: &delivery.messages, to: messages)
  }

  /// Adds events to a topic's sequences.
  func deliver(_ events: [TopicEvent], to topic: Topic, watchersOnly: Bool) {
    for member in topic.members where member.watches || !watchersOnly { add(events, to: member.queue) }
  }

  /// Adds events to a queue, and remembers if it has no room for more.
  func add<Event>(_ events: [Event], to queue: EventQueue<Event>) {
    note(queue.add(events, mayOverflow: link?.readsOn == true), of: ObjectIdentifier(queue))
  }

  /// Adds events that are not needed any more, and leaves an empty array.
  private func add<Event>(moving events: inout [Event], to queue: EventQueue<Event>) {
    note(queue.add(moving: &events, mayOverflow: link?.readsOn == true), of: ObjectIdentifier(queue))
  }

  /// Remembers if a queue has no room for more. One that has ended needs none.
  private func note(_ added: QueueAddition, of queue: ObjectIdentifier) {
    switch added {
    case .taken: break
    case .full: fullQueues.insert(queue)
    case .overflowed: fullQueues.remove(queue)
    }
  }

  /// There is room in a queue again.
  func hasRoom<Event>(in queue: EventQueue<Event>) {
    locked {
      guard fullQueues.remove(ObjectIdentifier(queue)) != nil, fullQueues.isEmpty else { return }
      link?.mayRead = true
      post()
    }
  }

  // MARK: All events

  /// Adds an event to the sequences of all events.
  private func tell(_ message: Message, _ from: ID, _ bytes: RawSpan, _ delivery: inout Delivery) {
    let event = Event(
      verb: "\(message.verb.name)", from: from, id: message.id.isEmpty ? nil : ID(validated: bytes, message.id),
      payload: message.payload.isEmpty ? nil : delivery.payload(message.payload), hasPresence: message.hasPresence)
    tell(taps: .event(event))
  }

  /// Adds an event to the sequences of all events.
  func tell(taps event: AnyEvent) {
    taps.removeAll { $0.hasEnded }
    for tap in taps { add([event], to: tap) }
  }
}
