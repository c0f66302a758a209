// Flow control: which requests wait, for what, and for how long.
//
// The rule: a sender that has sent to one target only for ten seconds keeps the pace of its recipients. It waits without bound
// if all of them are congested, so a flood between two clients loses nothing. If the limits on pending output are small
// (`paceOfSlowest`), it also waits if any of them is, apart from those that have not drained for seconds (`stuck`).
// In all other cases waiting is rationed. A recipient may hold senders for a small share of the time; then its loop makes it
// `slow`. A sender may be held for a small share of the time; then its loop says that it is not `patient`. A message that does
// not wait is added to the recipient's pending output, which has a limit of its own.
//
// While all connections together have much pending output, messages wait until it has become less: recipients drain, or become
// stuck, and the server closes the stuck ones with the most.
//
// PING, PONG, CLOSE, LOGIN and unknown verbs never wait for a recipient or a log.

import Containers

/// What a sender waits for beside a log.
enum Obstacle: Hashable {
  case client(ClientID)
  case topic(UInt32)
  /// The departure of the client that had the identity before.
  case departure(UInt32)
}

/// What a loop knows of a sender when it has requests served.
public struct SenderState: BitwiseCopyable, Sendable {
  /// The time in milliseconds, from any beginning, in which what is 10 seconds ago is forgotten.
  public var time: UInt32
  /// False when the sender has been held often enough of late for recipients that keep others waiting.
  public var isPatient: Bool
  /// How much memory all connections together have taken.
  public var pressure: Pressure

  /// A sender that may be held.
  public init(time: UInt32 = 0, isPatient: Bool = true, pressure: Pressure = .none) {
    self.time = time
    self.isPatient = isPatient
    self.pressure = pressure
  }
}

/// How near all connections together are to the limit on pending bytes.
public enum Pressure: UInt8, BitwiseCopyable, Sendable {
  /// There is room.
  case none
  /// Most of it is taken, by input of senders that wait for the most part: messages wait within the senders' patience.
  case input
  /// Most of it is taken, by output for a good part: messages wait until it has been read, or its recipients are closed.
  case output
}

/// What becomes of a request that cannot be served at once.
enum Wait {
  /// Its sender is told when to go on.
  case held
  /// Its sender goes on in another turn of its loop.
  case yielded
}

/// The recipients of a message, counted by what they take.
struct RecipientCounts: BitwiseCopyable {
  var all = 0
  var congested = 0
  /// Those of the congested ones that are `slow`, and those that are `stuck`.
  var slow = 0
  var stuck = 0

  /// The congested ones that may still hold senders.
  var waitedFor: Int { congested - slow - stuck }

  /// True if a sender that has nothing else to do must wait for them: all are congested, or, if that suffices, one that drains
  /// now and then.
  func setThePace(bySlowest: Bool) -> Bool { congested == all || bySlowest && congested > stuck }

  static func += (sum: inout RecipientCounts, other: RecipientCounts) {
    sum.all += other.all
    sum.congested += other.congested
    sum.slow += other.slow
    sum.stuck += other.stuck
  }
}

extension Registry {
  /// How long, in milliseconds, a sender is remembered to have other recipients than the last one.
  private static var memory: UInt32 { 10_000 }
  /// Messages to more recipients than these wait for a loop that is still busy with others of that kind.
  private static var manyRecipients: Int { 256 }

  /// Decides whether a request must wait. A sender that is held is added to the waiters of its obstacle.
  mutating func wait(
    _ index: Int, of batch: borrowing RequestBatch, _ bytes: RawSpan, from client: ClientID, _ session: Session
  ) -> Wait? {
    if !flow.stops.isDisjoint(with: [.spent, .unfinished]), index > 0 { return .yielded }
    guard session.phase == .loggedIn else { return nil }
    let request = batch[index]
    switch request.verb {
    case .login, .close, .ping, .pong, .unknown: return nil
    case .ucast, .mcast, .bcast, .subscribe, .unsubscribe: break
    }
    if willRefuse(request, bytes, of: client, session) { return nil }
    if let loop = obstructedLoop(request, bytes, of: client) {
      hold(client, at: loop)
      return .held
    }
    if flow.stops.contains(.congested), let obstacle = congestedRecipient(index, of: batch, bytes, from: client) {
      if flow.waiters[obstacle]?.last != client { flow.waiters[obstacle, default: []].append(client) }
      counts.heldForClient += 1
      return .held
    }
    let mayWait = flow.sender.isPatient || flow.sender.pressure == .output
    if flow.stops.contains(.pressed), mayWait, reachesOthers(request, bytes, from: client) {
      flow.isShared = flow.sender.pressure != .output
      counts.heldForMemory += 1
      return .yielded
    }
    return nil
  }

  /// Adds a client to the waiters that resume when a loop takes its log.
  private mutating func hold(_ client: ClientID, at loop: Int) {
    if logs[loop].waiters.last != client { logs[loop].waiters.append(client) }
    counts.heldForLog += 1
  }

  /// True when the answers to so many requests might not fit into their sender's share of its loop's log. If so, the
  /// sender is added to the waiters of that log. An empty share always has room.
  @inline(never) mutating func isHeld(_ client: ClientID, beforeAnswersTo requests: Int) -> Bool {
    let record = record(client)
    guard record.stagedIn == logs.takes[client.loop], record.staged > 0,
      Int(record.staged) + requests * Self.longestReply > limits.clientBytes
    else {
      return false
    }
    logs.loaded |= 1 << UInt64(client.loop)
    hold(client, at: client.loop)
    return true
  }

  /// `000 . PONG`.
  private static var longestReply: Int { 11 }

  /// A loop that has to take its log before the request can be served, because what the request brings would go into it.
  private mutating func obstructedLoop(_ request: Request, _ bytes: RawSpan, of client: ClientID) -> Int? {
    guard logs.obstructing != 0 else { return nil }
    switch request.verb {
    case .ucast:
      guard let recipient = self.client(bytes, request.id, hash(bytes, request.id)) else { return nil }
      if logs.full >> UInt64(recipient.loop) & 1 != 0 { return recipient.loop }
      let record = record(recipient)
      let isLoaded = record.stagedIn == logs.takes[recipient.loop] && record.staged >= limits.clientBytes
      return isLoaded ? recipient.loop : nil
    case .mcast:
      return topic(bytes, request.id, hash(bytes, request.id)).flatMap { obstructedLoop(of: $0) }
    case .bcast:
      var subscription = record(client).firstSubscription
      while subscription != .none {
        spend(1)
        if let loop = obstructedLoop(of: subscriptions[subscription].topic) { return loop }
        subscription = subscriptions[subscription].next
      }
      return nil
    case .subscribe, .unsubscribe:
      // An initial batch of presence goes into the client's own.
      if (logs.full | logs.loaded) >> UInt64(client.loop) & 1 != 0 { return client.loop }
      guard let topic = topic(bytes, request.id, hash(bytes, request.id)), topics[topic].watchers.count > 0 else {
        return nil
      }
      return obstructedLoop(of: topic)
    case .login, .close, .ping, .pong, .unknown: return nil
    }
  }

  /// A loop with members of a topic that has to take its log before they get anything.
  private mutating func obstructedLoop(of topic: UInt32) -> Int? {
    var obstructed = logs.full | logs.crowded | logs.loaded
    if logs.busy != 0 { obstructed |= busyLoops(for: topics[topic].members.count) }
    while obstructed != 0 {
      let loop = obstructed.trailingZeroBitCount
      if hasMembers(topic, on: loop) { return loop }
      obstructed &= obstructed - 1
    }
    return nil
  }

  /// The loops that are busy with messages to many, and must not get one to so many more.
  private func busyLoops(for recipients: UInt32) -> UInt64 {
    if recipients > UInt32(Self.manyRecipients) { return logs.busy }
    var loops = logs.busy
    var rest = logs.busy
    while rest != 0 {
      let loop = rest.trailingZeroBitCount
      if logs[loop].recipients.count < 4 * Self.manyRecipients { loops &= ~(1 << UInt64(loop)) }
      rest &= rest - 1
    }
    return loops
  }

  /// True when a topic has members on a loop.
  private mutating func hasMembers(_ topic: UInt32, on loop: Int) -> Bool {
    let bit: UInt32 = 1 << UInt32(loop & 31)
    guard topics[topic].loops & bit != 0 else { return false }
    var found: UInt32 = 0
    let members = topics[topic].members
    for place in 0..<members.count {
      let other = members[place].client.loop
      found |= 1 << UInt32(other & 31)
      if other == loop {
        spend(Int(place))
        return true
      }
    }
    spend(Int(members.count))
    topics[topic].loops = found
    return false
  }

  /// What a request has to wait for because recipients of it are congested.
  private mutating func congestedRecipient(
    _ index: Int, of batch: borrowing RequestBatch, _ bytes: RawSpan, from client: ClientID
  ) -> Obstacle? {
    let request = batch[index]
    switch request.verb {
    case .ucast:
      guard let recipient = self.client(bytes, request.id, hash(bytes, request.id)), recipient != client else {
        return nil
      }
      let congestion = record(recipient).congestion
      guard congestion != .none else { return nil }
      return decide(.client(recipient), congestion == .waitedFor, recipient.raw, index, of: batch, bytes, from: client)
    case .mcast:
      guard let topic = topic(bytes, request.id, hash(bytes, request.id)) else { return nil }
      let recipients = recipients(of: topic, except: client)
      guard recipients.congested > 0 else { return nil }
      let target = recipients.setThePace(bySlowest: limits.paceOfSlowest) ? Self.target(of: topic) : nil
      return decide(.topic(topic), recipients.waitedFor > 0, target, index, of: batch, bytes, from: client)
    case .bcast:
      return congestedTopic(of: client).flatMap { topic, peers in
        let target = peers.setThePace(bySlowest: limits.paceOfSlowest) ? Self.everybody : nil
        return decide(.topic(topic), peers.waitedFor > 0, target, index, of: batch, bytes, from: client)
      }
    case .subscribe, .unsubscribe:
      guard let topic = topic(bytes, request.id, hash(bytes, request.id)), congestion(of: topic).waitedWatchers > 0
      else {
        return nil
      }
      let isItself = subscription(of: client, to: topic).map { subscriptions[$0].watch.watcher != nil } ?? false
      let own = isItself && record(client).congestion == .waitedFor ? 1 : 0
      guard congestion(of: topic).waitedWatchers > own, flow.sender.isPatient else { return nil }
      flow.isShared = true
      return .topic(topic)
    case .login, .close, .ping, .pong, .unknown: return nil
    }
  }

  /// Applies the rule to a message with congested recipients.
  ///
  /// - Parameters:
  ///   - isWaitedFor: true when one of them still has waiting to ask for.
  ///   - target: what the message is for, if the sender has to keep the pace of its recipients.
  private mutating func decide(
    _ obstacle: Obstacle, _ isWaitedFor: Bool, _ target: UInt32?, _ index: Int, of batch: borrowing RequestBatch,
    _ bytes: RawSpan, from client: ClientID
  ) -> Obstacle? {
    if let target, isDevoted(client, to: target), !othersFollow(index, of: batch, bytes) { return obstacle }
    guard isWaitedFor, flow.sender.isPatient else { return nil }
    flow.isShared = true
    return obstacle
  }

  /// The recipients of a message from a client to a topic.
  private func recipients(of topic: UInt32, except client: ClientID) -> RecipientCounts {
    let entry = congestion(of: topic)
    var counts = RecipientCounts(
      all: Int(topics[topic].members.count), congested: Int(entry.members), slow: Int(entry.slow),
      stuck: Int(entry.stuck))
    guard subscription(of: client, to: topic) != nil else { return counts }
    counts.all -= 1
    let own = record(client).congestion
    if own != .none { counts.congested -= 1 }
    if own == .slow { counts.slow -= 1 }
    if own == .stuck { counts.stuck -= 1 }
    return counts
  }

  /// A topic of a client with congested members, one that is waited for if there is such a one; and the members of all its
  /// topics, each counted as often as it shares one.
  private mutating func congestedTopic(of client: ClientID) -> (UInt32, RecipientCounts)? {
    var found: UInt32?
    var sum = RecipientCounts()
    var subscription = record(client).firstSubscription
    while subscription != .none {
      spend(1)
      let topic = subscriptions[subscription].topic
      let counts = recipients(of: topic, except: client)
      if counts.congested > 0, sum.waitedFor == 0 { found = topic }
      sum += counts
      subscription = subscriptions[subscription].next
    }
    return found.map { ($0, sum) }
  }

  /// True when a client has sent to no other target for ten seconds.
  private func isDevoted(_ client: ClientID, to target: UInt32) -> Bool {
    let record = record(client)
    guard record.target == target || record.target == .none else { return false }
    return record.changedTarget == 0 || flow.sender.time &- record.changedTarget > Self.memory
  }

  /// True when the sender has already said something that is for others.
  private mutating func othersFollow(_ index: Int, of batch: borrowing RequestBatch, _ bytes: RawSpan) -> Bool {
    let request = batch[index]
    for number in index + 1..<max(index + 1, batch.count) {
      let other = batch[number]
      switch other.verb {
      case .ucast, .mcast, .bcast:
        if other.verb != request.verb || !bytes.equal(request.id, other.id) { return true }
      case .login, .close, .ping, .pong, .subscribe, .unsubscribe, .unknown: break
      }
    }
    return false
  }

  /// Notes what a message is for.
  @inline(__always) mutating func noteTarget(_ client: ClientID, _ target: UInt32) {
    let before = record(client).target
    if before != target { changeTarget(client, from: before, to: target) }
  }

  private mutating func changeTarget(_ client: ClientID, from before: UInt32, to target: UInt32) {
    let time = flow.sender.time
    update(client) {
      if before != .none { $0.changedTarget = max(time, 1) }
      $0.target = target
    }
  }

  /// What a message to a topic is for.
  @inline(__always) static func target(of topic: UInt32) -> UInt32 { ~topic &- 2 }
  /// What a broadcast is for.
  @inline(__always) static var everybody: UInt32 { .none - 1 }

  /// True when a message, or the news of a subscription, has somebody else to go to.
  private func reachesOthers(_ request: Request, _ bytes: RawSpan, from client: ClientID) -> Bool {
    switch request.verb {
    case .ucast: return self.client(bytes, request.id, hash(bytes, request.id)).map { $0 != client } ?? false
    case .mcast: return topic(bytes, request.id, hash(bytes, request.id)) != nil
    case .bcast: return record(client).firstSubscription != .none
    case .subscribe, .unsubscribe:
      return topic(bytes, request.id, hash(bytes, request.id)).map { topics[$0].watchers.count > 0 } ?? false
    case .login, .close, .ping, .pong, .unknown: return false
    }
  }
}
