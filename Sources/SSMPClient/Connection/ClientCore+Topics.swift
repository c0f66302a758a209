// Subscriptions.

extension ClientCore {
  /// Adds a sequence to a topic, which is subscribed to if it is not yet. The task goes on when it is. Under the lock.
  ///
  /// - Returns: the number of the sequence; `nil` if it cannot be.
  func join(
    _ id: ID, _ queue: EventQueue<TopicEvent>, watches: Bool, now: UInt64,
    _ starter: Caller
  ) -> UInt64? {
    if let obstacle {
      resume(starter, .failure(obstacle))
      return nil
    }
    // Requests leave in the order of the calls.
    takeSubmissions(now)
    let topic = topics.topic(id)
    let number = topics.number()
    let isNew = topic.members.isEmpty
    topic.members.append(Topic.Member(number: number, queue: queue, watches: watches, starter: starter))
    if isNew {
      subscribe(topic, now: now)
    } else if watches, !topic.watches {
      watch(topic, now: now)
    } else if topic.isActive {
      start(topic)
    }
    post()
    return number
  }

  /// Subscribes once more, with presence: the protocol has no way to add it.
  private func watch(_ topic: Topic, now: UInt64) {
    if topic.isActive {
      let others = topic.members.dropLast()
      for member in others { add([.interrupted], to: member.queue) }
      topic.isInterrupted = true
    }
    unsubscribe(topic.id, now: now)
    subscribe(topic, now: now)
  }

  /// Sends the SUBSCRIBE for a topic.
  func subscribe(_ topic: Topic, now: UInt64) {
    let attempt = topics.begin(topic)
    conversation.request(
      .subscribe(topic.id, presence: topic.watches), .subscription(topic.id, attempt: attempt),
      timeout: configuration.timeouts.response.nanoseconds, now: now)
  }

  private func unsubscribe(_ id: ID, now: UInt64) {
    conversation.request(.unsubscribe(id), .nothing, timeout: .max >> 1, now: now)
  }

  /// The response to a SUBSCRIBE, or why there is none.
  func subscribed(_ id: ID, _ attempt: UInt64, _ result: Result<Response, SSMPError>, _ loop: IOLoop) {
    defer { if case .success = result { resubscribed(loop) } }
    guard let topic = topics.all[id], topic.attempt == attempt else { return }
    switch result {
    case .success(let response) where response.isSuccess || response.code == 409:
      topic.isActive = true
      if topic.isInterrupted {
        topic.isInterrupted = false
        for member in topic.members where member.starter == nil { add([.resumed], to: member.queue) }
      }
      start(topic)
    case .success(let response): refuse(topic, .refused(response))
    case .failure(let error): giveUp(topic, error)
    }
  }

  /// Lets the tasks go on that wait for a topic; they get the others in the topic as they are now.
  private func start(_ topic: Topic) {
    for index in topic.members.indices {
      guard let starter = topic.members[index].starter else { continue }
      topic.members[index].starter = nil
      resume(starter, .success(Response(code: 200)))
      guard topic.members[index].watches, !topic.roster.isEmpty else { continue }
      let present = topic.roster.sorted { $0.key < $1.key }
      add(present.map { .joined($0.key, watches: $0.value) }, to: topic.members[index].queue)
    }
  }

  /// The server does not let the client into a topic.
  private func refuse(_ topic: Topic, _ error: SSMPError) {
    end(topic, .failed(error), error)
    topics.remove(topic)
  }

  /// The connection was lost before the response: those that were in the topic stay, those that wanted to get in do not.
  private func giveUp(_ topic: Topic, _ error: SSMPError) {
    let late = topic.members.filter { $0.starter != nil }
    topic.members.removeAll { $0.starter != nil }
    for member in late {
      if let starter = member.starter { resume(starter, .failure(error)) }
      member.queue.end(.failed(error))
    }
    if topic.members.isEmpty { topics.remove(topic) }
  }

  /// Ends all sequences of a topic without UNSUBSCRIBE, which the caller sends. Under the lock.
  func forget(_ id: ID) {
    guard let topic = topics.all[id] else { return }
    for member in topic.members where fullQueues.remove(ObjectIdentifier(member.queue)) != nil { link?.mayRead = true }
    end(topic, .finished, .cancelled(sent: .unknown))
    topics.remove(topic)
    post()
  }

  /// Removes a sequence from its topic, which is left with the last one. Under the lock.
  func leave(_ id: ID, _ number: UInt64, now: UInt64) {
    takeSubmissions(now)
    guard let topic = topics.all[id], let index = topic.members.firstIndex(where: { $0.number == number }) else {
      return
    }
    let member = topic.members.remove(at: index)
    if let starter = member.starter { resume(starter, .failure(.cancelled(sent: .unknown))) }
    member.queue.end(.finished)
    if fullQueues.remove(ObjectIdentifier(member.queue)) != nil { link?.mayRead = true }
    defer { post() }
    guard topic.members.isEmpty else { return }
    topics.remove(topic)
    switch phase {
    case .online, .resubscribing: unsubscribe(id, now: now)
    default: break
    }
  }
}
