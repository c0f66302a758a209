// Who must receive a message.

extension Model {
  /// A message has been answered: whoever was there for sure while it was served must receive it.
  func answer(_ sent: Sent, _ code: UInt16, _ time: UInt64) {
    sent.answered = time
    sent.code = code
    guard code == 200 else {
      if code == 404 { return judgeAbsence(sent) }
      if !sent.recipients.isEmpty { fail(sent.sender, "a message was answered \(code), and was delivered") }
      return
    }
    switch sent.request {
    case .unicast(let identity):
      let list = ofIdentity[identity]
      guard list.contains(where: { mayHaveBeenThere($0, since: sent.begin) }) else {
        return fail(sent.sender, "UCAST was answered 200, and its recipient was not there")
      }
      for session in list where wasThere(session, since: sent.begin) { owe(sent, to: session) }
    case .multicast(let topic): oweMembers(of: topic, sent)
    case .broadcast:
      for topic in 0..<names.topics.count where sent.topics >> UInt64(topic) & 1 == 1 { oweMembers(of: topic, sent) }
    default: break
    }
  }

  /// UCAST was answered 404: nobody may have been there for sure.
  private func judgeAbsence(_ sent: Sent) {
    guard case .unicast(let identity) = sent.request else {
      return fail(sent.sender, "\(sent.request) was answered 404")
    }
    if !sent.recipients.isEmpty { fail(sent.sender, "a message was answered 404, and was delivered") }
    // Limits may have closed a recipient, and its client not know it yet: it must show that it is still there.
    for session in ofIdentity[identity] where wasThere(session, since: sent.begin) {
      session.debts.append(.init(since: now, sent: sent, isRefusal: true))
    }
  }

  private func oweMembers(of topic: Int, _ sent: Sent) {
    for list in ofIdentity {
      for session in list where session !== sent.sender && wasThere(session, since: sent.begin) {
        guard let subscription = session.subscriptions[topic], subscription.answered < sent.begin,
          session.leaving[topic] == 0
        else { continue }
        owe(sent, to: session)
      }
    }
  }

  /// True when the session was logged in from `begin` until now for sure.
  private func wasThere(_ session: Session, since begin: UInt64) -> Bool {
    guard let loggedIn = session.loggedIn, loggedIn < begin else { return false }
    return session.isSafe && session.gone == nil
  }

  /// True when the session may have been logged in at some moment since `begin`.
  private func mayHaveBeenThere(_ session: Session, since begin: UInt64) -> Bool {
    session.login != nil && (session.gone ?? .max) > begin
  }

  private func owe(_ sent: Sent, to session: Session) {
    guard !sent.recipients.contains(session.uid), session.unpaid.insert(sent.id).inserted else { return }
    session.debts.append(.init(since: now, sent: sent, isRefusal: false))
  }

  /// The client has been answered a request of this moment: what it was owed before has come, or is lost.
  func collectDebts(of session: Session, before begin: UInt64) {
    while session.firstDebt < session.debts.count, session.debts[session.firstDebt].since < begin {
      let debt = session.debts[session.firstDebt]
      session.firstDebt += 1
      if debt.isRefusal {
        fail(session, "UCAST to a client that was there was answered 404", other: debt.sent.sender)
      } else if session.unpaid.contains(debt.sent.id) {
        failLost(debt.sent, session)
      }
    }
    if session.firstDebt == session.debts.count {
      session.debts.removeAll(keepingCapacity: true)
      session.firstDebt = 0
    }
  }

  func failLost(_ sent: Sent, _ session: Session) {
    let text = "message \(sent.payload.sequence) of session \(sent.sender.uid) (\(sent.request)) was lost"
    fail(session, text, other: sent.sender)
  }
}
