// What must hold when nobody says anything.

extension Model {
  /// The sessions that are logged in, as far as their clients know.
  var alive: [Session] {
    sessions.values.filter { !$0.hasEnded && $0.loggedIn != nil }.sorted { $0.uid < $1.uid }
  }

  /// What is still on its way; empty when all is as it must be once nobody says anything any more.
  ///
  /// - Parameter limit: the most findings that are listed.
  func outstanding(limit: Int = 10) -> [Violation] {
    var found: [Violation] = []
    for session in sessions.values where !session.hasEnded && found.count < limit {
      func add(_ text: String, _ other: Session? = nil) {
        found.append(Violation(text: text, session: session, other: other))
      }
      if session.isSilent {
        add("a connection without LOGIN is still open")
      } else if session.hasPending {
        let pending = session.pending[session.firstPending]
        add("\(pending.kind) is not answered, nor are \(session.pending.count - session.firstPending - 1) more")
      } else if session.expectsEnd || session.isHalfClosed {
        add("the connection is still open behind its last answer")
      } else if session.gone != nil {
        add("was displaced, and is still open")
      }
      if let id = session.unpaid.first, let debt = session.debts.first(where: { $0.sent.id == id }) {
        add("\(session.unpaid.count) messages are missing, the first is \(debt.sent.request)", debt.sent.sender)
      }
    }
    if found.isEmpty { found += twofold() }
    if found.isEmpty { found += wrongRosters(limit: limit) }
    return found
  }

  private func twofold() -> [Violation] {
    ofIdentity.compactMap { list in
      let there = list.filter { !$0.hasEnded && $0.loggedIn != nil }
      guard there.count > 1 else { return nil }
      return Violation(text: "two connections are logged in under one identity", session: there[0], other: there[1])
    }
  }

  private func wrongRosters(limit: Int) -> [Violation] {
    var found: [Violation] = []
    for topic in names.topics.indices {
      var members: [Int: Bool] = [:]
      for session in alive {
        if let subscription = session.subscriptions[topic], let identity = session.identity {
          members[identity] = subscription.presence
        }
      }
      for session in alive where found.count < limit {
        guard let roster = session.rosters[topic], let own = session.identity else { continue }
        var expected = members
        expected[own] = nil
        if roster.present != expected { found.append(difference(expected, roster.present, topic, session)) }
      }
    }
    return found
  }

  private func difference(
    _ expected: [Int: Bool], _ present: [Int: Bool], _ topic: Int, _ session: Session
  ) -> Violation {
    func list(_ identities: [Int]) -> String {
      identities.sorted().map { names.text(identity: $0) }.joined(separator: " ")
    }
    let missing = expected.keys.filter { present[$0] == nil }
    let extra = present.keys.filter { expected[$0] == nil }
    let other = expected.keys.filter { present[$0] != nil && present[$0] != expected[$0] }
    let text =
      "presence of \(names.text(topic: topic)) is wrong: missing [\(list(missing))], gone but announced [\(list(extra))], "
      + "with another option [\(list(other))]"
    let one = (missing + extra + other).first.flatMap { ofIdentity[$0].last }
    return Violation(text: text, session: session, other: one)
  }

  /// A quiet moment at which nothing was outstanding, and every client has been answered something since all others were
  /// quiet: what is there now is known exactly. Judges what can be judged only then, and forgets what is over.
  func settle() {
    for topic in names.topics.indices {
      for session in alive {
        guard let roster = session.rosters[topic], roster.isSettled else { continue }
        judgeAnnouncements(roster, topic, session)
      }
      joins[topic] = [:]
    }
    uncertain = []
    sessions = sessions.filter { !$0.value.hasEnded }
    for index in ofIdentity.indices { ofIdentity[index].removeAll(where: \.hasEnded) }
    anonymous.removeAll(where: \.hasEnded)
    for session in sessions.values { renew(session) }
  }

  /// Whoever has watched a topic all the time since the last quiet moment has seen each SUBSCRIBE that was answered 200.
  private func judgeAnnouncements(_ roster: Session.Roster, _ topic: Int, _ session: Session) {
    for identity in names.identities.indices where identity != session.identity && !uncertain.contains(identity) {
      let expected = joins[topic][identity] ?? 0
      let found = roster.announced[identity] ?? 0
      guard expected != found else { continue }
      fail(
        session,
        "\(names.text(identity: identity)) has joined \(names.text(topic: topic)) \(expected) times, and was announced "
          + "\(found) times", other: ofIdentity[identity].last)
    }
  }

  private func renew(_ session: Session) {
    for topic in session.rosters.keys {
      session.rosters[topic]?.isSettled = true
      session.rosters[topic]?.announced = [:]
    }
    session.sentBase += session.sent.count
    session.sent = []
    session.last = session.last.filter { sessions[$0.key] != nil }
    session.lastOfIdentity = session.lastOfIdentity.filter { !$0.value.hasEnded }
    session.everPlanned = session.plannedMask
    session.debts = []
    session.firstDebt = 0
    guard session.loggedIn != nil, !session.expectsEnd else { return }
    session.rivals = [:]
    if session.identity.map({ names.kinds[$0] != .revocable }) ?? true { session.outsideThreat = nil }
  }
}
