// What a client sends.

import SSMPTransport

extension ClientCore {
  /// Sends what the kernel takes at once. Under the lock, by any thread.
  func flush() {
    guard link != nil, !conversation.output.isEmpty else { return }
    conversation.removeWithdrawn()
    if case .handshaking = phase { return }
    guard link?.isBroken == false else { return conversation.sent(conversation.output.count) }
    if let trace = configuration.trace { link?.tracer.sending(conversation.output, trace) }
    if let taken = unsafe link?.send(conversation.output.bytes) {
      conversation.sent(taken)
    } else {
      // What the server has said before is still read, by the I/O thread, which finds out about the end.
      link?.isBroken = true
      link?.mayRead = true
      conversation.sent(conversation.output.count)
      post()
    }
  }

  /// Makes a request for a task, which goes on with the response.
  func send(_ submission: Submissions.Submission) {
    switch submissions.add(submission) {
    case .direct:
      locked {
        make(submission, now: MonotonicTime.nanoseconds())
        flushAlone()
      }
    case .first: thread.post(self)
    case .queued: break
    }
  }

  /// Makes the requests that tasks have left for the I/O thread. Under the lock.
  func takeSubmissions(_ now: UInt64) {
    for submission in submissions.take() { make(submission, now: now) }
  }

  private func make(_ submission: Submissions.Submission, now: UInt64) {
    if let obstacle {
      return settle(submission.caller, .failure(obstacle))
    }
    conversation.request(
      submission.request, .call(submission.caller), ticket: submission.ticket,
      timeout: configuration.timeouts.response.nanoseconds, now: now)
  }

  /// Makes a request of the client's own while it is online. Under the lock.
  func submit(_ request: ClientRequest, _ waiter: Waiter, timeout: UInt64, now: UInt64) {
    takeSubmissions(now)
    let isAlone = conversation.owed == 0 && conversation.output.isEmpty
    conversation.request(request, waiter, timeout: timeout, now: now)
    // Alone it goes at once. With others it goes with them, in one call.
    if isAlone { flushAlone() } else { post() }
  }

  /// Sends, and has the I/O thread do what only it can.
  func flushAlone() {
    flush()
    if !conversation.output.isEmpty || !fullQueues.isEmpty
      || min(conversation.deadline, exchanges.deadline) < schedule.armedAt
    {
      post()
    }
  }

  /// Takes back a request whose task was cancelled.
  func withdraw(_ ticket: UInt64) {
    if let caller = submissions.withdraw(ticket) { return caller.resume(returning: .failure(.cancelled(sent: .no))) }
    locked {
      guard let (waiter, sent) = conversation.withdraw(ticket, committed: link?.committed ?? 0) else { return }
      guard case .call(let caller) = waiter else { return }
      settle(caller, .failure(.cancelled(sent: sent)))
    }
  }
}
