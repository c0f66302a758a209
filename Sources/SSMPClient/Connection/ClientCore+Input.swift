// What the server sends.

import SSMPCore
import SSMPTransport

extension ClientCore {
  /// The most reads of a turn: then other clients have theirs.
  private static let readsPerTurn = 8

  /// Reads what has come, as long as there is room for it.
  func read(_ loop: IOLoop) {
    guard isReading else { return }
    if link?.memory != nil { return readMemory(loop) }
    var reads = 0
    while isReading, link?.mayRead == true, !isPaused {
      reads += 1
      guard reads <= Self.readsPerTurn else { return goOn(loop) }
      readOnce(loop)
    }
  }

  /// True while what the server sends is read as messages.
  private var isReading: Bool {
    switch phase {
    case .loggingIn, .resubscribing, .online, .closing: link != nil
    case .idle, .preparing, .racing, .handshaking, .pausing, .ended: false
    }
  }

  private func goOn(_ loop: IOLoop) {
    guard !schedule.isPosted else { return }
    schedule.isPosted = true
    loop.goOn(with: self)
  }

  private func readOnce(_ loop: IOLoop) {
    guard var link else { return }
    link.readsOn = !fullQueues.isEmpty
    loop.input.load(&link.kept)
    let result = link.tls.map { loop.input.receive($0) } ?? loop.input.receive(link.descriptor)
    switch result {
    case .bytes(let count):
      link.mayRead = link.tls.map(\.mayHaveMore) ?? (link.readsToEnd || count == InputBuffer.readSize)
    case .wouldBlock: link.mayRead = link.tls?.mayHaveMore ?? false
    case .ended, .failed: link.mayRead = false
    }
    self.link = link
    let end = unsafe digest(loop.input.bytes, loop)
    guard isReading, self.link?.token == link.token else { return }
    let count = unsafe loop.input.bytes.count
    if let end, end < count {
      unsafe self.link?.kept.append(UnsafeRawBufferPointer(rebasing: loop.input.bytes[end...]))
    }
    switch result {
    case .bytes, .wouldBlock: break
    case .ended: ended(link, loop)
    case .failed: ended(link, loop, isBroken: true)
    }
  }

  /// Reads in portions, as from a socket: a queue may fill up with each.
  private func readMemory(_ loop: IOLoop) {
    while isReading, !isPaused, var link, link.mayRead {
      var input = link.kept
      let count = min(input.count, InputBuffer.readSize)
      let isAll = count == input.count
      link.kept = .init()
      link.mayRead = !isAll
      self.link = link
      let end = unsafe digest(UnsafeRawBufferPointer(rebasing: input.bytes[..<count]), loop)
      guard isReading, let end else { return input.release() }
      if end > 0 { input.removeFirst(end) }
      self.link?.kept = input
      if isAll, link.isBroken { ended(link, loop) }
    }
  }

  /// The server has ended the connection.
  private func ended(_ link: Link, _ loop: IOLoop, isBroken: Bool = false) {
    // A displaced connection ends in good order.
    if isBroken { history.contest.reset() }
    // In TLS 1.3 a server judges the client's certificate when the client's handshake is over.
    if link.loggedInAt == 0, let reason = link.tls?.rejection {
      return fail(.untrusted("\(attemptedServer): \(reason)"), loop)
    }
    if link.loggedInAt == 0 { return fail(.unreachable("\(attemptedServer) has ended the connection"), loop) }
    lose(.connectionLost(sent: .unknown), loop)
  }

  // MARK: Messages

  /// Serves all whole messages; returns where the rest begins, or `nil` if the connection is over.
  private func digest(_ input: UnsafeRawBufferPointer, _ loop: IOLoop) -> Int? {
    guard input.count > 0 else { return 0 }
    let bytes = unsafe input.bytes
    conversation.received(now: loop.now)
    var place = 0
    var model: Message?
    var delivery = unsafe Delivery(input)
    while true {
      switch conversation.next(bytes, at: place, like: model) {
      case .event(let message):
        if let trace = configuration.trace { Tracer.received(message, bytes, trace) }
        take(message, bytes, &delivery)
        model = message
        place = Int(message.end)
      case .heartbeat(let message, let waiter):
        if let trace = configuration.trace { Tracer.received(message, bytes, trace) }
        if let waiter { settle(waiter, .success(Response(code: 200)), loop) }
        model = message
        place = Int(message.end)
      case .response(let message, let waiter):
        if let trace = configuration.trace { Tracer.received(message, bytes, trace) }
        // A sequence gets what came before the response first.
        deliver(&delivery)
        if let waiter { settle(waiter, .success(response(message, &delivery)), loop) }
        model = message
        place = Int(message.end)
        guard isReading else { return nil }
      case .incomplete:
        deliver(&delivery)
        return place
      case .violation(let reason):
        deliver(&delivery)
        violated(reason, loop)
        return nil
      }
    }
  }

  private func violated(_ reason: String, _ loop: IOLoop) {
    let error = SSMPError.violation(reason)
    if (link?.loggedInAt ?? 0) == 0 { fail(error, loop) } else { lose(error, loop) }
  }

  private func response(_ message: Message, _ delivery: inout Delivery) -> Response {
    let range = message.payload
    return Response(code: Int(message.code), payload: range.isEmpty ? nil : delivery.payload(range))
  }

  /// What a response is for goes on. Under the lock.
  func settle(_ waiter: Waiter, _ result: Result<Response, SSMPError>, _ loop: IOLoop) {
    switch waiter {
    case .call(let caller): settle(caller, result)
    case .batch(let batch, let index): settle(batch, index, result)
    case .login: if case .success(let response) = result { loggedIn(response, loop) }
    case .subscription(let id, let attempt): subscribed(id, attempt, result, loop)
    case .nothing: break
    case .exchange(let tag): sent(exchange: tag, result)
    case .close: if case .success = result { end(.closed, loop) }
    }
  }
}
