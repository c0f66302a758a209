// Applying the access rules: to each request, and to logged-in clients when the rules are replaced.

import Containers

/// How far the recheck of all clients has come.
public enum Recheck: Equatable, Sendable {
  /// All clients and subscriptions have been checked.
  case done
  /// There are more to check.
  case more
  /// There are more to check, and a loop has to work off its log first.
  case obstructed
}

/// Where the recheck of all clients continues.
enum RecheckPlace: Equatable {
  case nowhere
  case client(loop: Int, slot: Int)
  case subscription(UInt32)
}

extension Registry {
  /// Replaces the access rules; `nil` allows everything.
  ///
  /// The new rules apply to every request from now on. `recheck` closes clients that are logged in
  /// and use a right that they have lost. It has to be called until it is done.
  public mutating func replaceAccess(_ rules: AccessRules?) {
    guard permissions.rules != nil || rules != nil else { return }
    permissions.rules = rules
    permissions.generation &+= 1
    if permissions.generation == 0 { restartGenerations() }
    permissions.recheckPlace = rules == nil ? .nowhere : .client(loop: 0, slot: 0)
  }

  /// After 255 replacements their numbers begin again, and no client may look as if it had been looked at.
  private mutating func restartGenerations() {
    permissions.generation = 1
    for loop in 0..<loops {
      for slot in 0..<clients[loop].capacity where clients[loop][slot].accessGeneration != 0 {
        clients[loop][slot].accessGeneration = 0
      }
    }
  }

  /// True when a request is allowed. The rights are checked before the target is looked up: a
  /// client that may not reach a target does not learn whether it exists.
  @inline(__always)
  mutating func isAllowed(_ rights: AccessRights, _ request: Request, _ bytes: RawSpan, _ client: ClientID) -> Bool {
    guard permissions.rules != nil else { return true }
    return isGranted(rights, bytes, request.id, client) || refuse(request, bytes, client)
  }

  // Not inlined, and `mutating` only so that the registry is not copied for it. The same below.
  @inline(never)
  private mutating func isGranted(_ rights: AccessRights, _ bytes: RawSpan, _ range: Range<Int>, _ client: ClientID)
    -> Bool
  {
    guard let access = permissions.rules else { return true }
    let record = record(client)
    if access.allowsEverywhere(rights, record.role) { return true }
    guard !range.isEmpty else { return false }
    let name = unsafe names.buffer(record.name)
    return access.allows(rights, record.role, named: unsafe RawSpan(_unsafeBytes: name), over: bytes, range)
  }

  private mutating func refuse(_ request: Request, _ bytes: RawSpan, _ client: ClientID) -> Bool {
    noteRefusal(.access, request, bytes, client)
    counts.accessRefused += 1
    return false
  }

  /// True when the rules will refuse a request: then it must not wait for its recipients either, which would tell of them.
  mutating func willRefuse(_ request: Request, _ bytes: RawSpan, of client: ClientID, _ session: Session) -> Bool {
    guard permissions.rules != nil, session.phase == .loggedIn else { return false }
    guard let rights = AccessRights(neededBy: request) else { return false }
    return !isGranted(rights, bytes, request.id, client)
  }

  /// The role of a LOGIN; `nil` when the rules do not allow it.
  mutating func role(of request: Request, _ bytes: RawSpan, by scheme: Scheme) -> UInt16? {
    guard let access = permissions.rules else { return 0 }
    let role = access.role(of: bytes, request.id)
    guard access.allowsLogin(role, by: scheme) else {
      permissions.refusals.append(RequestRefusal(.access, .login, by: bytes, request.id, bytes, request.scheme))
      counts.accessRefused += 1
      return nil
    }
    return role
  }

  /// Finds the role of a client under the rules that have come into force since it was looked at last. False when it may
  /// not be logged in any more, and has been closed for that.
  mutating func readmit(_ client: ClientID) -> Bool {
    let record = record(client)
    var role: UInt16 = 0
    if let access = permissions.rules {
      let name = unsafe names.buffer(record.name)
      role = access.role(of: unsafe RawSpan(_unsafeBytes: name), 0..<Int(record.name.length))
      guard access.allowsLogin(role, by: record.scheme) else {
        revoke(client)
        return false
      }
    }
    let generation = permissions.generation
    update(client) {
      $0.role = role
      $0.accessGeneration = generation
    }
    return true
  }

  /// Closes a client that uses a right which it does not have any more.
  mutating func revoke(_ client: ClientID) {
    close(client, .accessRevoked)
    remove(client)
  }

  /// Continues the recheck after `replaceAccess`, on behalf of a loop. It checks first for each
  /// client whether it may be logged in, then for each subscription whether the rules still allow
  /// it, with PRESENCE if it has that. It closes each client that fails a check.
  ///
  /// - Parameter steps: the limit on what is done. A client or a subscription counts one, also each
  ///   subscription of a client that is closed.
  public mutating func recheck(on loop: Int, steps: Int) -> Recheck {
    logs.actingLoop = loop
    run.loops = 0
    var steps = steps
    while steps > 0 {
      // Closing writes events, for which there has to be room.
      if hasFullLog { return .obstructed }
      switch permissions.recheckPlace {
      case .nowhere: return .done
      case .client(let place, let slot):
        steps -= recheckClient(place, slot)
      case .subscription(let number):
        steps -= recheckSubscription(number)
      }
    }
    return permissions.recheckPlace == .nowhere ? .done : .more
  }

  /// Looks at one client, and returns the steps that it took.
  private mutating func recheckClient(_ loop: Int, _ slot: Int) -> Int {
    guard loop < loops else {
      permissions.recheckPlace = .subscription(0)
      return 1
    }
    guard slot < clients[loop].capacity else {
      permissions.recheckPlace = .client(loop: loop + 1, slot: 0)
      return 1
    }
    permissions.recheckPlace = .client(loop: loop, slot: slot + 1)
    let client = ClientID(loop: loop, slot: UInt32(slot))
    let record = record(client)
    guard record.isActive, record.accessGeneration != permissions.generation else { return 1 }
    return readmit(client) ? 1 : 1 + Int(record.subscriptionCount)
  }

  /// Looks at one subscription, and returns the steps that it took.
  private mutating func recheckSubscription(_ number: UInt32) -> Int {
    guard Int(number) < subscriptions.numbersGiven else {
      permissions.recheckPlace = .nowhere
      return 1
    }
    permissions.recheckPlace = .subscription(number + 1)
    let subscription = subscriptions[number]
    guard subscription.topic != .none else { return 1 }
    if isStillAllowed(number) { return 1 }
    let closed = 1 + Int(record(subscription.client).subscriptionCount)
    revoke(subscription.client)
    return closed
  }

  /// True when the rules in force allow a subscription that there is.
  mutating func isStillAllowed(_ number: UInt32) -> Bool {
    let subscription = subscriptions[number]
    let rights: AccessRights = subscription.watch == .none ? [.subscribe] : [.subscribe, .presence]
    let topic = topics[subscription.topic].name
    let name = unsafe names.buffer(topic)
    return isGranted(rights, unsafe RawSpan(_unsafeBytes: name), 0..<Int(topic.length), subscription.client)
  }
}

extension AccessRights {
  /// The rights that a request needs; `nil` when it needs none.
  init?(neededBy request: Request) {
    switch request.verb {
    case .ucast: self = .unicast
    case .mcast: self = .publish
    case .bcast: self = .broadcast
    case .subscribe: self = request.wantsPresence ? [.subscribe, .presence] : .subscribe
    case .login, .unsubscribe, .close, .ping, .pong, .unknown: return nil
    }
  }
}
