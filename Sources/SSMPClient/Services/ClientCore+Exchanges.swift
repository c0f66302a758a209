// Requests and answers between clients, as the I/O thread sees them.

import SSMPTransport

extension ClientCore {
  /// Takes a message that belongs to the conventions; false if it is one for the program.
  func takeExchange(from: ID, _ payload: Payload) -> Bool {
    guard ExchangeMessage.mayBe(payload), let message = ExchangeMessage(payload) else { return false }
    switch message.kind {
    case .request:
      guard let queue = exchanges.incoming else { return false }
      // A service nearly always awaits responses to its own answers, so reading does not pause for it.
      guard !queue.isFull else { return refuse(message.tag, from) }
      _ = queue.add([Exchanges.Incoming(from: from, message: message)])
    case .part:
      guard matches(message.tag, from) else { return exchanges.ended.contains(message.tag) }
      add(.init(text: message.text, bytes: message.bytes), from, to: message.tag)
    case .answer(let code):
      guard matches(message.tag, from) else { return exchanges.ended.contains(message.tag) }
      var reply = SSMPClient.Reply(code: code, message.text, bytes: message.bytes)
      reply.parts = exchanges.pending[message.tag]?.parts.removeValue(forKey: from) ?? []
      if let answers = exchanges.pending[message.tag]?.answers {
        add([Exchanges.Answer(content: (from, reply))], to: answers)
      } else {
        settle(exchange: message.tag, .success(reply))
      }
    }
    return true
  }

  /// Answers a request that the service has no room for.
  private func refuse(_ tag: ID, _ from: ID) -> Bool {
    guard obstacle == nil, let payload = try? ExchangeMessage(.answer(code: 400), tag, text: "busy").payload() else {
      return true
    }
    submit(
      .unicast(from, payload), .nothing, timeout: configuration.timeouts.response.nanoseconds,
      now: conversation.liveness.lastInput)
    return true
  }

  /// The most parts of an answer: more are dropped.
  private static let longestAnswer = 1024

  private func matches(_ tag: ID, _ from: ID) -> Bool {
    guard let request = exchanges.pending[tag] else { return false }
    return request.recipient == nil || request.recipient == from
  }

  private func add(_ part: SSMPClient.Reply.Part, _ from: ID, to tag: ID) {
    guard exchanges.pending[tag]?.parts[from, default: []].count ?? 0 < Self.longestAnswer else { return }
    exchanges.pending[tag]?.parts[from, default: []].append(part)
  }

  /// Lets the task go on that waits for an answer.
  func settle(exchange tag: ID, _ result: Result<SSMPClient.Reply, SSMPError>) {
    guard let request = exchanges.end(tag) else { return }
    // Reading may have gone on for this answer alone.
    if exchanges.pending.isEmpty, !fullQueues.isEmpty { post() }
    if let asker = request.asker { resume(asker, result) }
    request.answers?.end(.finished)
  }

  /// The server's response to the message that carries a request.
  func sent(exchange tag: ID, _ result: Result<Response, SSMPError>) {
    switch result {
    case .success(let response):
      guard response.isSuccess else { return settle(exchange: tag, .failure(.refused(response))) }
      if let answers = exchanges.pending[tag]?.answers { add([Exchanges.Answer(content: nil)], to: answers) }
    case .failure(let error): settle(exchange: tag, .failure(error))
    }
  }

  /// A member of a topic has left: a request that waits for its answer looks again.
  func left(_ topic: ID) {
    for request in exchanges.pending.values where request.topic == topic {
      if let answers = request.answers { add([Exchanges.Answer(content: nil)], to: answers) }
    }
  }

  /// Gives up the requests whose time is over.
  func expireExchanges(now: UInt64) {
    guard now >= exchanges.deadline else { return }
    defer { exchanges.findDeadline() }
    for (tag, request) in exchanges.pending where now >= request.deadline {
      settle(exchange: tag, .failure(.timedOut(sent: .yes)))
    }
  }

  /// Gives up all requests: those they were made of may have gone meanwhile, and their answers with the connection.
  func abandonExchanges() {
    for tag in Array(exchanges.pending.keys) { settle(exchange: tag, .failure(.connectionLost(sent: .unknown))) }
  }

  /// Asks another client, and waits for its answer.
  func ask(
    _ recipient: ID, _ message: ExchangeMessage, within timeout: UInt64, _ isolation: isolated (any Actor)?
  ) async throws(SSMPError) -> SSMPClient.Reply {
    guard !Task.isCancelled else { throw .cancelled(sent: .no) }
    let payload = try message.payload()
    let result = await withTaskCancellationHandler {
      await Asker.wait(isolation: isolation) { asker in
        locked {
          let now = MonotonicTime.nanoseconds()
          if let obstacle { return resume(asker, .failure(obstacle)) }
          exchanges.begin(message.tag, now + timeout)
          exchanges.pending[message.tag] = Exchanges.Pending(
            recipient: recipient, topic: nil, deadline: now + timeout, asker: asker, answers: nil)
          if Task.isCancelled { return settle(exchange: message.tag, .failure(.cancelled(sent: .no))) }
          submit(.unicast(recipient, payload), .exchange(message.tag), timeout: timeout, now: now)
        }
      }
    } onCancel: {
      locked { settle(exchange: message.tag, .failure(.cancelled(sent: .unknown))) }
    }
    return try result.get()
  }

  /// Asks all that are in a topic; the answers go to `answers` until the time is over.
  func ask(
    topic: ID, _ message: ExchangeMessage, within timeout: UInt64, _ answers: EventQueue<Exchanges.Answer>
  ) throws(SSMPError) {
    let payload = try message.payload()
    let failure: SSMPError? = locked {
      if let obstacle { return obstacle }
      let now = MonotonicTime.nanoseconds()
      exchanges.begin(message.tag, now + timeout)
      exchanges.pending[message.tag] = Exchanges.Pending(
        recipient: nil, topic: topic, deadline: now + timeout, asker: nil, answers: answers)
      submit(.multicast(topic, payload), .exchange(message.tag), timeout: timeout, now: now)
      return nil
    }
    if let failure { throw failure }
  }
}
