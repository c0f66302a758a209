// What the server answers.

extension Model {
  /// A response has come; `code` 0 stands for a PONG.
  func answer(_ code: UInt16, _ session: Session) {
    let time = tick()
    session.history.add(time, code == 0 ? .pong : .answer(code))
    counts.answers += 1
    guard !session.isSilent else { return fail(session, "an answer to a client that has asked for nothing") }
    guard !session.expectsEnd else { return fail(session, "an answer behind the last one") }
    guard session.hasPending else { return fail(session, "\(Self.text(code)) answers nothing") }
    let pending = session.pending[session.firstPending]
    session.firstPending += 1
    if session.firstPending > 64, session.firstPending > session.pending.count / 2 {
      session.pending.removeFirst(session.firstPending)
      session.firstPending = 0
    }
    if let expected = pending.code, expected != code {
      return fail(session, "\(Self.text(expected)) was expected, \(Self.text(code)) came, for \(pending.kind)")
    }
    dismissRivals(of: session, answered: pending.begin)
    collectDebts(of: session, before: pending.begin)
    switch pending.kind {
    case .login: answerLogin(code, session, time)
    case .request(let request): answer(request, code, pending, session, time)
    }
  }

  private static func text(_ code: UInt16) -> String { code == 0 ? "PONG" : "\(code)" }

  private func answer(_ request: Request, _ code: UInt16, _ pending: Pending, _ session: Session, _ time: UInt64) {
    switch request {
    case .subscribe(let topic, let presence) where code == 200:
      session.subscriptions[topic] = .init(presence: presence, begin: pending.begin, answered: time)
      session.subscribedMask |= 1 << UInt64(topic)
      if presence { session.rosters[topic] = .init() }
      if let identity = session.identity { joins[topic][identity, default: 0] += 1 }
    case .unsubscribe(let topic) where code == 200:
      session.leaving[topic] -= 1
      session.left[topic] = time
      session.subscriptions[topic] = nil
      session.subscribedMask &= ~(1 << UInt64(topic))
      session.rosters[topic] = nil
    case .close:
      session.gone = session.gone ?? time
      session.expectsEnd = true
    case .malformed: session.expectsEnd = true
    default: break
    }
    if let sent = pending.sent { answer(sent, code, time) }
  }

  private func answerLogin(_ code: UInt16, _ session: Session, _ time: UInt64) {
    guard code == 200 else {
      guard code == 401 else { return fail(session, "LOGIN was answered \(code)") }
      session.expectsEnd = true
      session.gone = time
      judgeRefusal(of: session)
      return
    }
    session.loggedIn = time
    guard let identity = session.identity, let login = session.login else { return }
    for other in ofIdentity[identity] where other !== session {
      // Whoever had read the 200 before this LOGIN was sent has been displaced by it.
      guard let loggedIn = other.loggedIn, loggedIn < login, other.gone == nil else { continue }
      if other.isProven, !session.isProven, other.isSafeBut(session.uid) {
        fail(session, "a login by open has displaced one by certificate", other: other)
      }
      other.gone = time
      counts.takeovers += 1
    }
  }

  /// Judges a 401: the identity may be in the keeping of a client that has proved it, or be forbidden at times.
  private func judgeRefusal(of session: Session) {
    guard let identity = session.identity else { return fail(session, "an anonymous LOGIN was answered 401") }
    for other in ofIdentity[identity] { other.rivals[session.uid] = nil }
    guard names.kinds[identity] != .revocable else { return }
    let holders = ofIdentity[identity].contains {
      $0 !== session && $0.isProven && $0.login != nil && ($0.gone ?? .max) > (session.login ?? 0)
    }
    if session.isProven || !holders { fail(session, "LOGIN was answered 401, and nobody holds the name") }
  }

  /// Whoever is answered what it has asked for after a rival was logged in, or turned away, was not displaced by that one.
  private func dismissRivals(of session: Session, answered begin: UInt64) {
    guard !session.rivals.isEmpty else { return }
    for uid in session.rivals.keys {
      guard let rival = sessions[uid] else { continue }
      if let loggedIn = rival.loggedIn, loggedIn < begin { session.rivals[uid] = nil }
    }
  }
}

extension Session {
  /// True when nothing but this rival can have ended the session. A limit can have closed a client that reads poorly.
  func isSafeBut(_ rival: Int) -> Bool {
    loggedIn != nil && !hasEnded && !expectsEnd && ownEnd == nil && outsideThreat == nil && !isPoorReader
      && rivals.keys.allSatisfy { $0 == rival }
  }
}
