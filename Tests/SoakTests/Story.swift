// Histories for the model, told in a few words.

@testable import ssmp_soak

/// A model, and what clients do and see, as a test wants it.
final class Story {
  let model = Model(Names(group: 0, open: 6, certificate: 2, revocable: 1, topics: 5), maxSubscriptions: 3)

  /// The first identity that belongs to a certificate, and the one that reloads take away.
  static let certificate = 6
  static let revocable = 8

  var violations: [String] { model.violations.map(\.text) }
  var outstanding: [String] { model.outstanding().map(\.text) }

  /// A client that is logged in.
  func login(_ identity: Int?, isProven: Bool = false) -> Session {
    let session = connect(identity, isProven: isProven)
    model.answer(200, session)
    return session
  }

  /// A client that has sent LOGIN.
  func connect(_ identity: Int?, isProven: Bool = false) -> Session {
    let session = model.open(identity: identity, isProven: isProven)
    model.queueLogin(session)
    return session
  }

  /// A subscription that has been answered.
  func subscribe(_ session: Session, _ topic: Int, presence: Bool = false) {
    model.queue(.subscribe(topic, presence: presence), session)
    model.answer(200, session)
  }

  func unsubscribe(_ session: Session, _ topic: Int) {
    model.queue(.unsubscribe(topic), session)
    model.answer(200, session)
  }

  /// A message that has been answered.
  @discardableResult
  func say(_ request: Request, _ session: Session, _ code: UInt16 = 200) -> Sent? {
    let sent = model.queue(request, session)
    model.answer(code, session)
    return sent
  }

  /// A message arrives.
  func deliver(_ sent: Sent?, to session: Session, payload: [UInt8]? = nil, from: Int? = nil) {
    guard let sent else { return }
    model.message(
      sent.verb, from: from ?? sent.sender.identity, target: sent.request.target,
      payload: payload ?? sent.payload.bytes,
      session)
  }

  /// A client asks for something, and is answered: what it was owed before must have come.
  func ping(_ session: Session) {
    model.queue(.ping, session)
    model.answer(0, session)
  }

  func joins(_ identity: Int, _ topic: Int, presence: Bool = false, at session: Session) {
    model.presence(joins: true, from: identity, topic: topic, withPresence: presence, session)
  }

  func leaves(_ identity: Int, _ topic: Int, at session: Session) {
    model.presence(joins: false, from: identity, topic: topic, withPresence: false, session)
  }
}
