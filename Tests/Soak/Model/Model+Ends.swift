// The ends of connections.

extension Model {
  /// How a client has found its connection to have ended.
  enum End {
    /// All that the server has sent was read, and then its end.
    case orderly
    /// The connection was broken.
    case broken(String)
    /// The client has closed it itself.
    case own
  }

  /// A connection is over.
  ///
  /// - Returns: true when the server has ended it for a reason that the model does not know: a limit, a time-out, or none. Its
  ///   log says which.
  @discardableResult
  func ended(_ session: Session, _ end: End) -> Bool {
    guard !session.hasEnded else { return false }
    let time = tick()
    session.hasEnded = true
    // Of a connection that its client has closed itself, the server learns later.
    if case .own = end {} else { session.gone = session.gone ?? time }
    session.history.add(time, .ended("\(end)"))
    noteUnanswered(session)
    defer { forgive(session) }
    guard case .own = end else {
      if case .orderly = end { judgeOrderlyEnd(session) }
      if session.isSilent || session.expectsEnd { return false }
      return session.threatened == nil
    }
    return false
  }

  /// What was asked for and not answered may have been served, or not.
  private func noteUnanswered(_ session: Session) {
    guard let identity = session.identity else { return }
    for pending in session.pending[session.firstPending...] {
      if case .request(.subscribe) = pending.kind { uncertain.insert(identity) }
    }
  }

  /// The client has read everything up to the end: nothing may be missing that was due before it could end.
  private func judgeOrderlyEnd(_ session: Session) {
    guard !session.isPoorReader, let threatened = session.threatened else { return }
    let isThreatenedByOthers = session.outsideThreat != nil || !session.rivals.isEmpty
    if session.expectsEnd, session.hasPending, session.loggedIn != nil {
      fail(session, "closed, and not all requests were answered")
    }
    if session.isHalfClosed, !isThreatenedByOthers, session.hasPending, !session.expectsEnd {
      fail(session, "closed after it had shut its sending side down, and not all requests were answered")
    }
    // A limit may have ended it at the same time: only a displacement that is known, or its own end, is one in good order.
    let wasDisplaced = session.rivals.keys.contains { sessions[$0]?.loggedIn != nil }
    guard wasDisplaced || session.isHalfClosed || session.expectsEnd, session.outsideThreat == nil else { return }
    for debt in session.debts[session.firstDebt...] where debt.since < threatened {
      if debt.isRefusal {
        fail(session, "UCAST to a client that was there was answered 404", other: debt.sent.sender)
      } else if session.unpaid.contains(debt.sent.id) {
        failLost(debt.sent, session)
      }
    }
  }

  private func forgive(_ session: Session) {
    session.debts = []
    session.firstDebt = 0
    session.unpaid = []
    session.pending = []
    session.firstPending = 0
  }
}
