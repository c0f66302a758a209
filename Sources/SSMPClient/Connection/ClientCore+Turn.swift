// A turn of the I/O thread for one client.

import SSMPTransport

extension ClientCore {
  /// The client was posted.
  func attend(_ loop: IOLoop) {
    // Tasks that go on with responses make their next requests now: they go out together.
    if submissions.isCrowded { Thread.yield() }
    turn(loop) {
      schedule.isPosted = false
      begin(loop)
    }
  }

  /// A moment has come.
  func attend(_ loop: IOLoop, at moment: UInt64) {
    turn(loop) {
      // An earlier one has come since, and has armed another.
      guard schedule.armedAt == moment else { return }
      schedule.armedAt = .max
      // What has come is read before silence is judged: this process, or the machine, may have slept.
      link?.mayRead = true
      read(loop)
      serveTime(loop)
    }
  }

  /// Something has happened to a socket.
  func handle(_ event: PollEvent, _ loop: IOLoop) {
    turn(loop) {
      guard link?.token == event.token else { return handleRunner(event, loop) }
      if event.isReadable || link?.tls != nil { link?.mayRead = true }
      if event.mayReadShort { link?.readsToEnd = true }
      if case .handshaking = phase { shake(loop) }
    }
  }

  /// Does what there is to do, and arms the next moment.
  private func turn(_ loop: IOLoop, _ body: () -> Void) {
    locked {
      body()
      read(loop)
      takeSubmissions(loop.now)
      flush()
      arm(loop)
    }
  }

  /// Goes on with what only the I/O thread does.
  private func begin(_ loop: IOLoop) {
    switch phase {
    case .idle: beginRound(loop.now)
    case .preparing: takePreparation(loop)
    default: break
    }
    guard history.isClosing else { return }
    // What was asked for before the end goes out before it.
    takeSubmissions(loop.now)
    beginClosing(loop)
  }

  private func serveTime(_ loop: IOLoop) {
    let now = loop.now
    switch phase {
    case .idle, .ended: break
    case .pausing(let until): if now >= until { beginRound(now) }
    case .closing(let until): if now >= until { end(.closed, loop) }
    case .online: serveConversation(loop)
    case .preparing, .racing, .handshaking, .loggingIn, .resubscribing:
      guard now < attempt.deadline else {
        return fail(.unreachable("\(attemptedServer) has not answered in time: \(phaseInWords)"), loop)
      }
      if case .racing = phase { goOnRacing(loop) }
    }
  }

  private func serveConversation(_ loop: IOLoop) {
    let now = loop.now
    if isPaused {
      expireExchanges(now: now)
      // Nothing is read, so nothing is known of the server; but it hears that the client is there.
      guard now >= (link?.heartbeatAt ?? 0) + conversation.liveness.ping / 2 else { return }
      link?.heartbeatAt = now
      return conversation.pong()
    }
    var isLost = false
    for (waiter, sent) in conversation.expired(now: now, committed: link?.committed ?? 0) {
      if case .subscription = waiter {
        // Without its response nothing is known of the topic.
        isLost = true
        settle(waiter, .failure(.connectionLost(sent: sent)), loop)
      } else {
        settle(waiter, .failure(.timedOut(sent: sent)), loop)
      }
    }
    if isLost { return lose(.connectionLost(sent: .unknown), loop) }
    expireExchanges(now: now)
    guard conversation.duty(now: now) == .giveUp else { return }
    history.contest.reset()
    lose(.connectionLost(sent: .unknown), loop)
  }

  private func arm(_ loop: IOLoop) {
    guard let moment = deadline(loop.now), moment < schedule.armedAt else { return }
    schedule.armedAt = moment
    loop.attend(to: self, at: moment)
  }

  /// When there will be something to do, whatever comes.
  private func deadline(_ now: UInt64) -> UInt64? {
    switch phase {
    case .idle, .ended: nil
    case .pausing(let until), .closing(let until): until
    case .online where isPaused:
      min(exchanges.deadline, max(now, link?.heartbeatAt ?? 0) + conversation.liveness.ping / 2)
    case .online: min(exchanges.deadline, conversation.deadline)
    case .racing: min(attempt.deadline, attempt.race?.deadline ?? .max)
    case .preparing, .handshaking, .loggingIn, .resubscribing: attempt.deadline
    }
  }

  /// True while nothing is read, because a sequence has no room, and no response is owed.
  var isPaused: Bool {
    guard case .online = phase else { return false }
    return !fullQueues.isEmpty && conversation.owed == 0 && exchanges.pending.isEmpty
  }

  private var phaseInWords: String {
    switch phase {
    case .preparing: "its name was being looked up"
    case .racing: "it was being connected to"
    case .handshaking: "the TLS handshake was not over"
    case .loggingIn: "LOGIN was not answered"
    default: "SUBSCRIBE was not answered"
    }
  }
}
