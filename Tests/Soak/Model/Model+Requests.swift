// What clients put into their output.

extension Model {
  /// A client sends LOGIN.
  func queueLogin(_ session: Session) {
    let time = tick()
    session.history.add(time, .loginQueued)
    session.login = time
    session.pending.append(Pending(kind: .login, begin: time, code: nil, sent: nil))
    guard let identity = session.identity else { return }
    for other in ofIdentity[identity] where other !== session && other.login != nil && other.gone == nil {
      // It may displace the others; and those whose login is still on its way may displace this one.
      if other.rivals[session.uid] == nil { other.rivals[session.uid] = time }
      if other.loggedIn == nil { session.rivals[other.uid] = time }
    }
  }

  /// A client sends a request; for a message, its content is `length` bytes long.
  ///
  /// - Returns: the message, if it is one.
  @discardableResult
  func queue(_ request: Request, _ session: Session, length: Int = Payload.shortest, binary: Bool = false) -> Sent? {
    let time = tick()
    var code: UInt16?
    var sent: Sent?
    switch request {
    case .subscribe(let topic, let presence): code = plan(session, topic, presence)
    case .unsubscribe(let topic):
      code = session.isAnonymous ? 405 : session.planned[topic] == nil ? 404 : 200
      if code == 200 { session.leaving[topic] += 1 }
      session.planned[topic] = nil
      session.plannedMask &= ~(1 << UInt64(topic))
    case .unicast: sent = makeMessage(request, session, time, length, binary)
    case .multicast(let topic):
      code = topic == names.forbiddenTopic ? 405 : 200
      sent = makeMessage(request, session, time, length, binary)
    case .broadcast:
      code = session.isAnonymous ? 405 : 200
      sent = makeMessage(request, session, time, length, binary)
    case .ping: code = 0
    case .pong: break
    case .close: code = 200
    case .unknown: code = 501
    case .secondLogin: code = 405
    case .malformed: code = 400
    }
    session.history.add(time, .queued(request, sequence: sent?.payload.sequence))
    if request == .close || request == .malformed { session.ownEnd = session.ownEnd ?? time }
    if request != .pong {
      session.pending.append(Pending(kind: .request(request), begin: time, code: code, sent: sent))
    }
    return sent
  }

  /// What SUBSCRIBE will be answered: that follows from what the same connection has asked for before.
  private func plan(_ session: Session, _ topic: Int, _ presence: Bool) -> UInt16 {
    if session.isAnonymous || topic == names.forbiddenTopic { return 405 }
    if session.planned[topic] != nil { return 409 }
    if session.plannedMask.nonzeroBitCount >= maxSubscriptions { return 405 }
    session.planned[topic] = presence
    session.plannedMask |= 1 << UInt64(topic)
    session.everPlanned |= 1 << UInt64(topic)
    return 200
  }

  private func makeMessage(
    _ request: Request, _ session: Session, _ time: UInt64, _ length: Int, _ binary: Bool
  ) -> Sent {
    let number = session.sentBase + session.sent.count
    let payload = Payload(sender: session.uid, sequence: number, length: length, isBinary: binary)
    let sent = Sent(
      id: nextMessageNumber(), sender: session, request, payload, begin: time, topics: session.plannedMask)
    session.sent.append(sent)
    return sent
  }

  /// A client is about to shut down its sending side: it has left, after what it sent before has been served.
  func halfClose(_ session: Session) {
    let time = tick()
    session.history.add(time, .half)
    session.isHalfClosed = true
    session.ownEnd = session.ownEnd ?? time
  }

  /// A client is about to break its connection off.
  func reset(_ session: Session) {
    let time = tick()
    session.history.add(time, .reset)
    session.ownEnd = session.ownEnd ?? time
    session.isPoorReader = true
  }

  /// A client says nothing, or no whole LOGIN.
  func keepSilent(_ session: Session) {
    session.history.add(tick(), .silent)
    session.isSilent = true
  }

  /// A client stops reading, or reads very little.
  func readPoorly(_ session: Session, milliseconds: Int) {
    session.history.add(tick(), .stopped(milliseconds: milliseconds))
    session.isPoorReader = true
  }
}
