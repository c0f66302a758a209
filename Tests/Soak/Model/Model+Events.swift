// What the server tells of others.

import SSMPCore

extension Model {
  /// An event with a message has come.
  ///
  /// - Parameters:
  ///   - from: the identity that it names; `nil` for the anonymous one.
  ///   - target: the identity or topic that it names; `nil` for BCAST.
  func message(
    _ verb: Verb, from: Int?, target: Int?, payload bytes: some RandomAccessCollection<UInt8>, _ session: Session
  ) {
    let time = tick()
    counts.deliveries += 1
    guard let head = Payload(head: bytes), let sender = sessions[head.sender], let sent = sender.message(head.sequence)
    else { return fail(session, "a message that nobody has sent: \(Array(bytes.prefix(60)))") }
    session.history.add(time, .message(sender: head.sender, sequence: head.sequence, sent.request))
    func wrong(_ text: String) {
      fail(session, "message \(head.sequence) of session \(sender.uid) (\(sent.request)): \(text)", other: sender)
    }
    guard sent.verb == verb, sent.request.target == target else { return wrong("came as another request") }
    guard sender.identity == from else { return wrong("came from another identity") }
    guard sent.payload.bytes.elementsEqual(bytes) else { return wrong("its payload has changed") }
    guard session.loggedIn != nil else { return wrong("came before the 200 of LOGIN") }
    if let last = session.last[sender.uid], last >= sent.payload.sequence {
      return wrong(last == sent.payload.sequence ? "came twice" : "came twice, or behind message \(last)")
    }
    session.last[sender.uid] = sent.payload.sequence
    sent.recipients.append(session.uid)
    session.unpaid.remove(sent.id)
    if sent.answered != nil, sent.code != 200 { return wrong("was answered \(sent.code)") }
    if let answered = sent.answered, answered < session.login ?? 0 { return wrong("is from before this LOGIN") }
    if let gone = session.gone, gone < sent.begin { return wrong("came to a connection that was displaced before") }
    judgeRecipient(sent, session, wrong)
    judgeSuccession(sender, session, wrong)
    judgePresence(sent, session, wrong)
  }

  private func judgeRecipient(_ sent: Sent, _ session: Session, _ wrong: (String) -> Void) {
    switch sent.request {
    case .unicast(let identity):
      if session.identity != identity { wrong("is for another client") }
    case .multicast(let topic):
      guard session !== sent.sender else { return wrong("came back to its sender") }
      guard let subscription = session.subscriptions[topic] else { return wrong("came without a subscription") }
      if let answered = sent.answered, answered < subscription.begin { wrong("is from before this SUBSCRIBE") }
    default:
      guard session !== sent.sender else { return wrong("came back to its sender") }
      // The recipients of a broadcast are gathered in pieces: one that has left meanwhile may be among them.
      let wasShared = session.left.contains { sent.topics >> UInt64($0.key) & 1 == 1 && $0.value > sent.begin }
      if sent.topics & session.subscribedMask == 0, !wasShared { wrong("came to a client that shares no topic") }
    }
  }

  /// Nothing of a connection comes behind something of the one that has displaced it.
  private func judgeSuccession(_ sender: Session, _ session: Session, _ wrong: (String) -> Void) {
    guard let identity = sender.identity else { return }
    if let before = session.lastOfIdentity[identity], before !== sender, let loggedIn = sender.loggedIn,
      let login = before.login, loggedIn < login
    {
      wrong("came behind a message of session \(before.uid), which has displaced its sender")
    }
    session.lastOfIdentity[identity] = sender
  }

  /// A message comes at one moment of the server's sequence, at which its sender subscribes to exactly what it has asked for by
  /// then. What the recipient has been told must be the same: so the UNSUBSCRIBE of a displaced connection has come
  /// before anything of the new one.
  private func judgePresence(_ sent: Sent, _ session: Session, _ wrong: (String) -> Void) {
    guard let from = sent.sender.identity, from != session.identity else { return }
    for (topic, roster) in session.rosters {
      let isMember = sent.topics >> UInt64(topic) & 1 == 1
      if roster.present[from] != nil, !isMember {
        wrong("came while its sender was still announced as a member of \(names.text(topic: topic))")
      } else if roster.present[from] == nil, isMember, roster.isSettled {
        wrong("came before its sender was announced as a member of \(names.text(topic: topic))")
      }
    }
  }

  /// An event of presence has come.
  func presence(joins: Bool, from: Int?, topic: Int, withPresence: Bool, _ session: Session) {
    let time = tick()
    counts.announcements += 1
    guard let from else { return fail(session, "presence of an anonymous client") }
    session.history.add(time, .presence(identity: from, topic: topic, joins: joins, withPresence: withPresence))
    func wrong(_ text: String) {
      let verb = joins ? "SUBSCRIBE" : "UNSUBSCRIBE"
      fail(
        session, "\(names.text(identity: from)) \(verb) \(names.text(topic: topic)): \(text)",
        other: ofIdentity[from].last)
    }
    guard session.rosters[topic] != nil else { return wrong("came without a subscription with PRESENCE") }
    guard from != session.identity else { return wrong("tells a client of itself") }
    if joins {
      guard session.rosters[topic]?.present[from] == nil else { return wrong("was announced twice") }
      guard ofIdentity[from].contains(where: { $0.everPlanned >> UInt64(topic) & 1 == 1 }) else {
        return wrong("that client has never asked for it")
      }
      session.rosters[topic]?.present[from] = withPresence
      session.rosters[topic]?.announced[from, default: 0] += 1
    } else {
      guard session.rosters[topic]?.present.removeValue(forKey: from) != nil else {
        return wrong("came before its SUBSCRIBE")
      }
    }
  }

  /// A PING has come.
  func ping(_ session: Session) {
    session.history.add(tick(), .ping)
    if session.loggedIn == nil { fail(session, "a PING before the 200 of LOGIN") }
  }
}

extension Request {
  /// The identity or topic of a message; `nil` where there is none.
  var target: Int? {
    switch self {
    case .unicast(let identity): identity
    case .multicast(let topic): topic
    default: nil
    }
  }
}
