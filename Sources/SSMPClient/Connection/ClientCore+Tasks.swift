// What tasks ask of a client, and wait for.

import SSMPTransport

extension ClientCore {
  /// Makes a request, and waits for its response.
  func perform(
    _ request: ClientRequest, _ isolation: isolated (any Actor)?
  ) async throws(SSMPError) -> Response {
    guard !Task.isCancelled else { throw .cancelled(sent: .no) }
    let ticket = submissions.newTicket()
    let result = await withTaskCancellationHandler {
      await Caller.wait(isolation: isolation) { caller in
        send(Submissions.Submission(request: request, caller: caller, ticket: ticket))
        // Cancelled before it was made: the handler has found nothing.
        if Task.isCancelled { withdraw(ticket) }
      }
    } onCancel: {
      withdraw(ticket)
    }
    return try result.get()
  }

  /// Subscribes, and waits for the response.
  func subscribe(
    to topic: ID, _ queue: EventQueue<TopicEvent>, watches: Bool, _ isolation: isolated (any Actor)?
  ) async throws(SSMPError) -> UInt64 {
    let number = Locked<UInt64>(0)
    _ = try await wait(
      isolation,
      begin: { starter in
        let joined = self.join(topic, queue, watches: watches, now: MonotonicTime.nanoseconds(), starter)
        number.withLock { $0 = joined ?? 0 }
        return joined
      }, cancel: { self.leave(topic, $0, now: MonotonicTime.nanoseconds()) })
    return number.withLock { $0 }
  }

  /// Begins, and waits until the client is online.
  func start(isolation: isolated (any Actor)?) async throws(SSMPError) {
    _ = try await wait(
      isolation,
      begin: { starter in
        self.history.starter = starter
        self.post()
        return 1
      },
      cancel: { _ in
        if let starter = self.history.starter { self.resume(starter, .failure(.cancelled(sent: .no))) }
        self.history.starter = nil
        self.history.isClosing = true
        self.post()
      })
  }

  /// Ends the client, and waits for that, even if the task is cancelled: the time is bounded.
  func close(isolation: isolated (any Actor)?) async {
    _ = await Caller.wait(isolation: isolation) { closer in
      locked {
        if case .ended = phase { return resume(closer, .success(Response(code: 200))) }
        history.closers.append(closer)
        history.isClosing = true
        post()
      }
    }
  }

  /// Ends the client.
  func beginClosing() {
    locked {
      if case .ended = phase { return }
      history.isClosing = true
      post()
    }
  }

  /// Waits for a response, or for the task to be cancelled.
  ///
  /// - Parameters:
  ///   - begin: has something resume the continuation, and returns what `cancel` needs; `nil` if it is resumed already.
  ///   - cancel: has the continuation resumed, if it is not yet.
  private func wait(
    _ isolation: isolated (any Actor)?, begin: (Caller) -> UInt64?, cancel: @escaping @Sendable (UInt64) -> Void
  ) async throws(SSMPError) -> Response {
    guard !Task.isCancelled else { throw .cancelled(sent: .no) }
    let ticket = Ticket()
    let result = await withTaskCancellationHandler {
      await Caller.wait(isolation: isolation) { caller in
        locked {
          guard let number = begin(caller) else { return }
          // Cancelled before there was a number: the handler has found nothing.
          if ticket.set(number) { cancel(number) }
        }
      }
    } onCancel: {
      self.locked { if let number = ticket.cancel() { cancel(number) } }
    }
    return try result.get()
  }
}

/// What a cancelled request is known by, once it is made. Used under the client's lock.
private final class Ticket: @unchecked Sendable {
  // Safe to share: it is only touched under the lock of its client.
  private var number: UInt64?
  private var isCancelled = false

  /// Notes the number; true if the task was cancelled before.
  func set(_ number: UInt64) -> Bool {
    self.number = number
    return isCancelled
  }

  /// Notes that the task is cancelled, and returns the number if there is one.
  func cancel() -> UInt64? {
    isCancelled = true
    return number
  }
}
