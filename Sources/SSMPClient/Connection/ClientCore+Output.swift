// What a client sends.

import SSMPTransport

extension ClientCore {
  /// Sends what the kernel takes at once. Under the lock, by any thread.
  func flush() {
    guard link != nil, !conversation.output.isEmpty else { return }
    if case .handshaking = phase { return }
    guard link?.isBroken == false else { return conversation.sent(conversation.output.count) }
    if let trace = configuration.trace { tracer.sending(conversation.output, trace) }
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

  /// Makes a request for a task, which goes on with the response. Under the lock.
  func send(
    _ request: ClientRequest, _ continuation: Caller, timeout: UInt64
  ) -> UInt64? {
    if let obstacle {
      resume(continuation, .failure(obstacle))
      return nil
    }
    return submit(request, .call(continuation), timeout: timeout, now: MonotonicTime.nanoseconds())
  }

  /// Makes a request while the client is online, and returns its ticket. Under the lock.
  @discardableResult
  func submit(_ request: ClientRequest, _ waiter: Waiter, timeout: UInt64, now: UInt64) -> UInt64 {
    let isAlone = conversation.owed == 0 && conversation.output.isEmpty
    let ticket = conversation.request(request, waiter, timeout: timeout, now: now)
    // Alone it goes at once. With others it goes with them, in one call.
    if isAlone { flush() }
    if !isAlone || !conversation.output.isEmpty || !fullQueues.isEmpty || min(conversation.deadline, exchanges.deadline) < schedule.armedAt {
      post()
    }
    return ticket
  }

  /// Takes back a request whose task was cancelled. Under the lock.
  func withdraw(_ ticket: UInt64) {
    guard let (waiter, sent) = conversation.withdraw(ticket, committed: link?.committed ?? 0) else { return }
    guard case .call(let continuation) = waiter else { return }
    resume(continuation, .failure(.cancelled(sent: sent)))
  }
}
