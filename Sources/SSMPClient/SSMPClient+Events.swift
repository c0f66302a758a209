// What a client is told.

import SSMPTransport

extension SSMPClient {
  /// Subscribes to a topic (Topic subscriptions), and stays subscribed over reconnections until the sequence is dropped.
  ///
  /// A topic can be subscribed to several times: each sequence gets all its events. With presence, a later one begins with the others
  /// that are in the topic.
  ///
  /// - Parameters:
  ///   - presence: true to get the members of the topic, and each change of them (Presence notifications).
  ///   - buffering: what happens when events come faster than they are taken.
  /// - Returns: the topic's events from the server's response on.
  /// - Throws: `.refused` with 405 if the client must not; `.offline`, `.connectionLost` or `.cancelled`.
  public func subscribe(
    to topic: ID, presence: Bool = false, buffering: Buffering = .suspend(),
    isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> Subscription {
    let queue = EventQueue<TopicEvent>(buffering)
    let number = try await core.subscribe(to: topic, queue, watches: presence, isolation)
    return Subscription(Subscription.Handle(self, topic, number, queue))
  }

  /// The others in a topic as far as this client knows, and whether they watch it. It is empty unless the client is subscribed with
  /// presence.
  public func roster(of topic: ID) -> [ID: Bool] {
    core.locked { core.topics.all[topic]?.roster ?? [:] }
  }

  /// Messages to this client itself: UCAST and BCAST. `Configuration.messageBuffering` applies while there is an iterator; without
  /// one the oldest messages are dropped when there are too many.
  public var messages: Messages { Messages(client: self) }

  /// All events from now on, as they come, whatever other sequences there are.
  public func events(buffering: Buffering = .suspend()) -> Events {
    let queue = EventQueue<AnyEvent>(buffering)
    core.locked {
      if case .ended(let error) = core.phase { return queue.end(error == .closed ? .finished : .failed(error)) }
      core.taps.append(queue)
    }
    return Events(Events.Handle(self, queue))
  }
}
