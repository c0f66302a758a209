// What must hold, whatever the clients do.

import SSMPCore

/// Something that the server has done against the specification.
struct Violation {
  let text: String
  /// The session that has seen it.
  let session: Session
  /// Another session that has to do with it.
  var other: Session?
}

/// The judge of one group of clients: it is told of all that they do and see, and finds what no correct server does.
///
/// It does no I/O and knows no time but the order of what it is told. A request takes effect at some moment between the one at
/// which it is put into the client's output and the one at which its answer is read; from these intervals follows who must, may
/// and must not receive a message. Within one connection the order is exact: a client's stream is a cut through the server's one
/// sequence, so everything in it must fit the subscriptions and presence that the same stream has shown before.
final class Model {
  let names: Names
  /// The most subscriptions of one connection.
  let maxSubscriptions: Int
  private(set) var violations: [Violation] = []
  /// The clock: it counts what the model has been told.
  private(set) var now: UInt64 = 0

  var sessions: [Int: Session] = [:]
  /// The sessions of each identity that the server may have, or has had since the last quiet moment.
  var ofIdentity: [[Session]]
  var anonymous: [Session] = []
  /// How often SUBSCRIBE was answered 200, by topic and identity, since the last quiet moment.
  var joins: [[Int: Int]]
  /// The identities for which the server may have served a SUBSCRIBE whose answer was never read.
  var uncertain: Set<Int> = []
  /// The server goes down: whatever is there now can end at any moment.
  private(set) var isStopping = false
  private var nextSession = 0
  private var nextMessage = 0
  /// What has been judged.
  var counts = Counts()

  struct Counts {
    var sessions = 0
    var answers = 0
    var deliveries = 0
    var announcements = 0
    var takeovers = 0
    /// Connections that limits have ended although their clients read all the time.
    var readersClosed = 0
    var poorReadersClosed = 0
  }

  init(_ names: Names, maxSubscriptions: Int) {
    self.names = names
    self.maxSubscriptions = maxSubscriptions
    ofIdentity = Array(repeating: [], count: names.identities.count)
    joins = Array(repeating: [:], count: names.topics.count)
  }

  func tick() -> UInt64 {
    now += 1
    return now
  }

  func nextMessageNumber() -> Int {
    nextMessage += 1
    return nextMessage
  }

  func fail(_ session: Session, _ text: String, other: Session? = nil) {
    violations.append(Violation(text: text, session: session, other: other))
  }

  /// A client has begun to connect.
  ///
  /// - Parameter isProven: it logs in by a certificate.
  func open(identity: Int?, isProven: Bool = false) -> Session {
    let session = Session(uid: nextSession, identity: identity, isProven: isProven, topics: names.topics.count)
    nextSession += 1
    counts.sessions += 1
    session.history.add(tick(), .opened)
    sessions[session.uid] = session
    if let identity { ofIdentity[identity].append(session) } else { anonymous.append(session) }
    if isStopping || identity.map({ names.kinds[$0] == .revocable }) == true { session.outsideThreat = now }
    return session
  }

  /// The server is about to be told to go down. To be called before that.
  func serverStops() {
    isStopping = true
    let time = tick()
    for session in sessions.values where session.outsideThreat == nil { session.outsideThreat = time }
  }

  /// Another server has begun to serve. What was open before remains threatened until the next quiet moment.
  func serverHasStarted() {
    isStopping = false
  }

  /// What presence and messages call the one they come from: `.some(nil)` for the anonymous identity, `nil` for a stranger.
  func identity(_ name: some RandomAccessCollection<UInt8>) -> Int?? {
    if name.count == 1, name.first == UInt8(ascii: ".") { return .some(nil) }
    return names.identity(name).map { .some($0) }
  }
}
