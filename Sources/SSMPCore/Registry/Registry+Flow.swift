// Holding senders back: from recipients that cannot keep up, and from loops that have work to do first.

/// What a step of the registry leaves to the loop that made it. One call tells all of it, since each look into the registry
/// from outside costs a copy.
public struct Outlook: BitwiseCopyable, Sendable {
  /// The loops, one bit each, that have to be woken.
  public let woken: UInt64
  /// The bytes that wait in the loop's own log.
  public let staged: Int
  /// True when there are so many that it is time to work them off.
  public let isLarge: Bool
  /// How often SUBSCRIBE has been refused at the limit so far, by any loop.
  public let subscriptionsRefused: UInt64
  /// How often the access rules have refused something so far, on any loop.
  public let accessRefused: UInt64
}

extension Registry {
  /// Says that a client's pending output has gone over its soft mark (`true`), or that nobody is to wait for it any more:
  /// because it has drained, or because it is given up as slow (`false`). Senders that waited get a `resume` delivery.
  public mutating func setCongested(_ client: ClientID, _ isCongested: Bool) {
    begin(actingFor: client)
    guard isActive(client) else { return }
    if !isCongested { return releaseWaiters(of: client) }
    guard !record(client).isCongested else { return }
    update(client) { $0.isCongested = true }
    congestedClients += 1
  }

  mutating func releaseWaiters(of client: ClientID) {
    guard record(client).isCongested else { return }
    update(client) { $0.isCongested = false }
    congestedClients -= 1
    resume(waiters.removeValue(forKey: client) ?? [])
  }

  /// Takes over all that `loop` has to do, in exchange for an empty log. Whoever waited for that goes on.
  public mutating func take(_ loop: Int, _ log: inout DeliveryLog) {
    actingLoop = loop
    let waiting = logs[loop].waiters
    logs[loop].waiters = []
    logs[loop].isSignaled = false
    swap(&logs[loop], &log)
    takes[loop] &+= 1
    fullLogs &= ~(1 << UInt64(loop))
    loadedLogs &= ~(1 << UInt64(loop))
    resume(waiting)
  }

  /// What the steps of a loop, up to now, leave it to do.
  public mutating func outlook(of loop: Int) -> Outlook {
    Outlook(
      woken: takeWakes(), staged: staged(loop), isLarge: isLarge(loop),
      subscriptionsRefused: counts.subscriptionsRefused,
      accessRefused: counts.accessRefused)
  }

  /// The loops that have to be woken because another one has put something into their empty logs.
  public mutating func takeWakes() -> UInt64 {
    defer { wakes = 0 }
    return wakes
  }

  /// The bytes in a loop's log that wait to be taken.
  @inline(__always) public func staged(_ loop: Int) -> Int { logs[loop].size }

  /// True when a loop's log has become so large that it had better be taken before more requests are read.
  @inline(__always) public func isLarge(_ loop: Int) -> Bool {
    logs[loop].isLarge(limits) || loadedLogs >> UInt64(loop) & 1 != 0
  }

  /// True when a loop has so much to deliver that it had better be done before more is added.
  public var hasFullLog: Bool { fullLogs != 0 }

  private mutating func resume(_ clients: [ClientID]) {
    for client in clients {
      logs[client.loop].append(.resume, to: client.slot)
      touch(client.loop)
    }
  }

  /// True when the answers to so many requests might not fit into their sender's share of its loop's log. They must wait
  /// then, and the sender has been put among those who will be told when to go on. Where there is nothing yet, there is room.
  @inline(never) mutating func isHeld(_ client: ClientID, beforeAnswersTo requests: Int) -> Bool {
    let record = record(client)
    guard record.stagedIn == takes[client.loop], record.staged > 0,
      Int(record.staged) + requests * Self.longestReply > limits.clientBytes
    else {
      return false
    }
    loadedLogs |= 1 << UInt64(client.loop)
    logs[client.loop].waiters.append(client)
    counts.heldForLog += 1
    return true
  }

  /// `000 . PONG`.
  private static var longestReply: Int { 11 }

  /// True when a request must wait, in which case its sender has been put among those who will be told when to go on.
  mutating func isHeld(_ request: Request, _ bytes: RawSpan, of client: ClientID, _ session: Session) -> Bool {
    if let loop = obstructedLoop(request, bytes, of: client, session) {
      logs[loop].waiters.append(client)
      counts.heldForLog += 1
      return true
    }
    guard session.phase == .loggedIn, !willRefuse(request, bytes, of: client, session),
      let recipient = congestedRecipient(request, bytes, of: client)
    else {
      return false
    }
    waiters[recipient, default: []].append(client)
    counts.heldForClient += 1
    return true
  }

  /// A loop that has to take its log before the request can be served.
  @inline(__always) private mutating func obstructedLoop(
    _ request: Request, _ bytes: RawSpan, of client: ClientID, _ session: Session
  ) -> Int? {
    if fullLogs != 0 { return fullLogs.trailingZeroBitCount }
    guard loadedLogs != 0, !willRefuse(request, bytes, of: client, session) else { return nil }
    switch request.verb {
    case .ucast:
      guard let recipient = self.client(bytes, request.id, hash(bytes, request.id)) else { return nil }
      let record = record(recipient)
      let isLoaded = record.stagedIn == takes[recipient.loop] && record.staged >= limits.clientBytes
      return isLoaded ? recipient.loop : nil
    case .mcast, .bcast, .subscribe, .unsubscribe:
      // Whether a loaded client is among the recipients is not worth finding out: a log is taken soon.
      return loadedLogs.trailingZeroBitCount
    case .login, .close, .ping, .pong, .unknown:
      return nil
    }
  }

  /// A recipient of the request, other than its sender, that is over its soft mark.
  @inline(__always) private func congestedRecipient(_ request: Request, _ bytes: RawSpan, of client: ClientID)
    -> ClientID?
  {
    switch request.verb {
    case .ucast:
      guard let recipient = self.client(bytes, request.id, hash(bytes, request.id)), recipient != client else {
        return nil
      }
      return record(recipient).isCongested ? recipient : nil
    case .mcast:
      return topic(bytes, request.id, hash(bytes, request.id)).flatMap { congested(topics[$0].members, except: client) }
    case .subscribe, .unsubscribe:
      return topic(bytes, request.id, hash(bytes, request.id)).flatMap {
        congested(topics[$0].watchers, except: client)
      }
    case .bcast:
      var subscription = record(client).firstSubscription
      while subscription != .none {
        if let found = congested(topics[subscriptions[subscription].topic].members, except: client) { return found }
        subscription = subscriptions[subscription].next
      }
      return nil
    case .login, .close, .ping, .pong, .unknown: return nil
    }
  }

  private func congested(_ members: MemberList, except client: ClientID) -> ClientID? {
    for place in 0..<members.count {
      let member = members[place].client
      if member != client, record(member).isCongested { return member }
    }
    return nil
  }
}
