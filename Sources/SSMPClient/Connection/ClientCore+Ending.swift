// How connections, and clients, end.

import SSMPTransport

extension ClientCore {
  /// An attempt to get online has failed.
  ///
  /// - Parameter isLocal: true if a file or a credential could not be read: the next time it may be there again.
  func fail(_ error: SSMPError, _ loop: IOLoop, isLocal: Bool = false) {
    if let link, link.loggedInAt > 0, !error.isFinal { return lose(error, loop) }
    disconnect(loop)
    let isFinal = error.isFinal && !(isLocal && history.wasOnline)
    if isFinal { attempt.finalError = attempt.finalError ?? error } else { attempt.mayGoOn = true }
    // A server that is not there does not let another client in.
    if !isFinal { history.contest.reset() }
    if attempt.server + 1 < configuration.servers.count {
      attempt.server += 1
      return beginAttempt(loop.now)
    }
    if let error = attempt.finalError, !attempt.mayGoOn { return end(error, loop) }
    guard configuration.reconnection.isEnabled, history.wasOnline || configuration.reconnection.appliesToStart else {
      return end(error, loop)
    }
    pause(error, loop.now)
  }

  /// The connection was lost.
  func lose(_ error: SSMPError, _ loop: IOLoop) {
    if case .closing = phase { return end(.closed, loop) }
    let login = link?.loggedInAt ?? 0
    disconnect(loop)
    interrupt()
    guard configuration.reconnection.isEnabled else { return end(error, loop) }
    guard login > 0 else { return pause(error, loop.now) }
    if loop.now - login >= Contest.window { history.backoff.reset() }
    if case .connectionLost = error, history.contest.lost(loggedInAt: login, now: loop.now) {
      history.backoff.lengthen()
      pause(.contested, loop.now)
      return states.set(.contested)
    }
    pause(error, loop.now)
  }

  private func pause(_ error: SSMPError, _ now: UInt64) {
    let pause = history.backoff.next(random: .random(in: 0...UInt64.max))
    phase = .pausing(until: now + pause)
    states.set(.offline(error, next: .nanoseconds(Int64(clamping: pause))))
  }

  /// Closes what there is of a connection, and tells all that waits for a response.
  private func disconnect(_ loop: IOLoop) {
    attempt.endRace(loop)
    attempt.result = nil
    if let stream = link?.tls, let server = attempt.preparation?.server, let context = attempt.preparation?.tls {
      // The latest that the server has given.
      attempt.sessions[server] = stream.clientSession.map {
        Attempt.Resumable(session: $0, context: context)
      }
    }
    link?.close(loop)
    link = nil
    for (waiter, sent) in conversation.abandon() { settle(waiter, .failure(.connectionLost(sent: sent)), loop) }
    abandonExchanges()
    conversation = Conversation(configuration.timeouts, now: loop.now)
  }

  /// Tells sequences that they miss events from here on.
  private func interrupt() {
    fullQueues = []
    for topic in topics.all.values {
      topic.roster = [:]
      topic.isActive = false
      if !topic.isInterrupted { deliver([.interrupted], to: topic, watchersOnly: false) }
      topic.isInterrupted = true
    }
    add([.interrupted], to: messages)
    tell(taps: .interrupted)
  }

  // MARK: The end

  /// The program has asked for the end.
  func beginClosing(_ loop: IOLoop) {
    switch phase {
    case .ended: finish()
    case .closing: break
    case .online:
      phase = .closing(until: loop.now + configuration.timeouts.closing.nanoseconds)
      conversation.request(.close, .close, timeout: .max >> 1, now: loop.now)
    default: end(.closed, loop)
    }
  }

  /// Ends the client.
  func end(_ error: SSMPError, _ loop: IOLoop) {
    if case .ended = phase { return }
    phase = .ended(error)
    disconnect(loop)
    let ending: QueueEnding = error == .closed ? .finished : .failed(error)
    for topic in topics.removeAll() { end(topic, ending, error) }
    messages.end(ending)
    for tap in taps { tap.end(ending) }
    taps = []
    exchanges.incoming?.end(ending)
    if let starter = history.starter { resume(starter, .failure(error)) }
    history.starter = nil
    states.set(error == .closed ? .closed : .offline(error, next: nil))
    states.end()
    finish()
  }

  private func finish() {
    for closer in history.closers { resume(closer, .success(Response(code: 200))) }
    history.closers = []
  }

  /// Ends a topic's sequences.
  func end(_ topic: Topic, _ ending: QueueEnding, _ error: SSMPError) {
    for member in topic.members {
      if let starter = member.starter { resume(starter, .failure(error)) }
      member.queue.end(ending)
      fullQueues.remove(ObjectIdentifier(member.queue))
    }
    topic.members = []
  }
}
