// What the model knows of one connection.

/// One connection, as its client sees it. The model's clock counts what the client does and sees, so of two readings the one
/// that is less was before the other.
final class Session {
  /// A subscription, as the client's stream shows it: it begins with the 200 of SUBSCRIBE and ends with that of UNSUBSCRIBE.
  struct Subscription {
    let presence: Bool
    /// When SUBSCRIBE was put into the output.
    let begin: UInt64
    /// When its 200 was read.
    let answered: UInt64
  }

  /// Who is subscribed to a topic, as a subscriber with PRESENCE has been told.
  struct Roster {
    /// The members that have been announced, and whether with PRESENCE.
    var present: [Int: Bool] = [:]
    /// The initial batch is known to be complete.
    var isSettled = false
    /// How often each identity has been announced since the last quiet moment.
    var announced: [Int: Int] = [:]
  }

  /// A message that must have reached this client before the answer to whatever the client asks for later.
  struct Debt {
    let since: UInt64
    let sent: Sent
    /// The message was answered 404 although this client was there: nothing can pay for that.
    let isRefusal: Bool
  }

  let uid: Int
  /// The identity; `nil` for an anonymous one.
  let identity: Int?
  let isProven: Bool
  /// When LOGIN was put into the output; `nil` as long as it was not.
  var login: UInt64?
  /// When the 200 of LOGIN was read.
  var loggedIn: UInt64?
  /// When the client has seen that the server knows it no more.
  var gone: UInt64?
  var hasEnded = false
  /// When the client did something that ends the connection.
  var ownEnd: UInt64?
  /// It has shut down its sending side and reads on.
  var isHalfClosed = false
  /// The server has announced the end by its last answer.
  var expectsEnd = false
  /// Sessions whose LOGIN may displace this one, and since when.
  var rivals: [Int: UInt64] = [:]
  /// The server goes down, or may take a right away, at any moment from this one on.
  var outsideThreat: UInt64?
  /// The client has read so little that limits may end the connection.
  var isPoorReader = false
  /// It says nothing, or only a part of a LOGIN.
  var isSilent = false

  var pending: [Pending] = []
  /// The first of `pending` that has not been answered.
  var firstPending = 0
  /// The subscriptions after all that has been put into the output: the topic's option PRESENCE.
  var planned: [Bool?]
  var plannedMask: UInt64 = 0
  /// The topics that it has ever asked for.
  var everPlanned: UInt64 = 0
  /// How many UNSUBSCRIBEs that will be answered 200 are on their way, by topic.
  var leaving: [Int]
  var subscriptions: [Subscription?]
  /// When the last 200 of UNSUBSCRIBE was read, by topic.
  var left: [Int: UInt64] = [:]
  var subscribedMask: UInt64 = 0
  var rosters: [Int: Roster] = [:]

  var sent: [Sent] = []
  /// The number of the first message in `sent`.
  var sentBase = 0
  /// The last message of each sender that has been received.
  var last: [Int: Int] = [:]
  /// The session of each identity that has sent the last message received.
  var lastOfIdentity: [Int: Session] = [:]

  var debts: [Debt] = []
  var firstDebt = 0
  var unpaid: Set<Int> = []

  /// What its client is like, for reports.
  var label = ""
  var history = History()

  init(uid: Int, identity: Int?, isProven: Bool, topics: Int) {
    (self.uid, self.identity, self.isProven) = (uid, identity, isProven)
    planned = Array(repeating: nil, count: topics)
    subscriptions = Array(repeating: nil, count: topics)
    leaving = Array(repeating: 0, count: topics)
  }

  var isAnonymous: Bool { identity == nil }
  var hasPending: Bool { firstPending < pending.count }

  /// When the first thing happened that can end the connection; `nil` when nothing has.
  var threatened: UInt64? { [ownEnd, outsideThreat, rivals.values.min()].compactMap { $0 }.min() }

  /// True when the server has the session for sure, as far as the client knows.
  var isSafe: Bool { loggedIn != nil && !hasEnded && !expectsEnd && threatened == nil }

  func message(_ number: Int) -> Sent? {
    let index = number - sentBase
    return sent.indices.contains(index) ? sent[index] : nil
  }
}
