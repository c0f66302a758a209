// Handing the logs over to their loops.

/// What a step of the registry leaves to the loop that made it. One call tells all of it, since each look into the registry
/// from outside costs a copy.
public struct Outlook: BitwiseCopyable, Sendable {
  /// The loops, one bit each, that have to be woken.
  public let woken: UInt64
  /// The bytes that wait in the loop's own log.
  public let staged: Int
  /// True when there are so many that it is time to work them off.
  public let isLarge: Bool
  /// True when departures have to go on: `advanceDepartures`.
  public let hasDepartures: Bool
  /// True when the wait that the step ended with may keep others waiting, and counts against the sender's patience.
  public let isShared: Bool
  /// The steps that the clients' requests took: a request is 16, a member that is looked at is one.
  public let steps: Int
  /// How often SUBSCRIBE has been refused at the limit so far, by any loop.
  public let subscriptionsRefused: UInt64
  /// How often the access rules have refused something so far, on any loop.
  public let accessRefused: UInt64
}

extension Registry {
  /// Takes over all that `loop` has to do, in exchange for an empty log. Senders that waited for that go on.
  ///
  /// - Parameter isBusy: true while the loop still sends what a former log has for many recipients. Until it is done, senders
  ///   to many recipients wait; all others do not.
  public mutating func take(_ loop: Int, _ log: inout DeliveryLog, isBusy: Bool = false) {
    beginStep(on: loop)
    resume(logs.take(loop, &log, isBusy: isBusy))
  }

  /// What the steps of a loop, up to now, leave it to do.
  public mutating func outlook(of loop: Int) -> Outlook {
    Outlook(
      woken: takeWakes(), staged: staged(loop), isLarge: isLarge(loop), hasDepartures: !departures.farewells.isEmpty,
      isShared: flow.isShared, steps: flow.steps, subscriptionsRefused: counts.subscriptionsRefused,
      accessRefused: counts.accessRefused)
  }

  /// The loops that have to be woken because another one has put something into their empty logs.
  public mutating func takeWakes() -> UInt64 {
    logs.takeWakes()
  }

  /// The bytes in a loop's log that wait to be taken.
  @inline(__always) public func staged(_ loop: Int) -> Int { logs[loop].size }

  /// True when a loop's log has become so large that it had better be taken before more requests are read.
  @inline(__always) public func isLarge(_ loop: Int) -> Bool {
    logs.isLarge(loop, limits)
  }

  /// True when a loop has so much to deliver that it had better be done before more is added.
  public var hasFullLog: Bool { logs.hasFull }

  /// Begins a step of a loop that is not about one client.
  mutating func beginStep(on loop: Int) {
    logs.actingLoop = loop
    run.loops = 0
    flow.steps = 0
    flow.stops.subtract([.spent, .unfinished])
    flow.isShared = false
  }

  /// To be called after each addition to a loop's log.
  @inline(__always) mutating func touch(_ loop: Int) {
    logs.touch(loop, limits)
  }

  /// To be called after something for several recipients was added.
  @inline(__always) mutating func touchCrowd(_ loop: Int) {
    logs.touchCrowd(loop, limits)
  }

  /// Counts steps of the client that is being served; when it has used up its share of this time, its next request waits.
  @inline(__always) mutating func spend(_ count: Int) {
    flow.steps += count
    if flow.steps >= limits.stepBudget { flow.stops.insert(.spent) }
  }

  mutating func resume(_ clients: [ClientID]) {
    for client in clients {
      logs[client.loop].append(.resume, to: client.slot)
      touch(client.loop)
    }
  }
}
