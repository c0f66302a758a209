// All counts of the server at one moment: what the report, the admin socket and the metrics show.

import Glibc
import SSMPCore
import SSMPTransport

/// What the registry counts, and what there is in it.
struct RegistryFigures: Sendable {
  let counts: RegistryCounts
  let clients: Int
  let anonymous: Int
  let topics: Int
  let subscriptions: Int
  let presence: Int
  let congested: Int

  init(_ registry: borrowing Registry) {
    counts = registry.counts
    clients = registry.clientCount
    anonymous = registry.anonymousCount
    topics = registry.topicCount
    subscriptions = registry.subscriptionCount
    presence = registry.presenceCount
    congested = registry.congestedCount
  }
}

/// What one loop answers when it is asked for its counts.
struct LoopCounts: Sendable {
  var counters: Counters
  var registry: RegistryFigures
  /// What all connections together may have pending (`--max-total-pending`).
  var pendingLimit: Int
}

/// The counts of all loops.
struct ServerCounts: Sendable {
  /// The counts of each loop, the latest that are known.
  var loops: [LoopCounts?]
  /// The loops that have not answered.
  var stuck: [Int]

  /// The sum over all loops.
  var sum: Counters { loops.reduce(into: Counters()) { if let loop = $1 { $0 += loop.counters } } }

  /// The registry's figures, as a loop that answered has seen them; `nil` when none ever has.
  var registry: RegistryFigures? { latest?.registry }
  /// What all connections together may have pending.
  var pendingLimit: Int? { latest?.pendingLimit }

  /// What a loop has said that answered, if there is one.
  private var latest: LoopCounts? {
    let answered = loops.indices.first { !stuck.contains($0) && loops[$0] != nil }
    return answered.flatMap { loops[$0] } ?? loops.compactMap { $0 }.first
  }
}

/// The counts that each loop has given last: what a loop that is stuck has counted must not vanish from the sums.
final class LatestCounts: Sendable {
  private let latest: Locked<[LoopCounts?]>

  init(loops: Int) {
    latest = Locked(Array(repeating: nil, count: loops))
  }

  /// Takes new counts over, `nil` where a loop has not answered, and returns the latest ones.
  func merge(_ answers: [LoopCounts?]) -> ServerCounts {
    latest.withLock { latest in
      for (loop, answer) in answers.enumerated() where answer != nil { latest[loop] = answer }
      return ServerCounts(loops: latest, stuck: answers.indices.filter { answers[$0] == nil })
    }
  }
}

extension Hub {
  /// Asks every loop for its counts. For threads that may wait.
  func counts(within milliseconds: UInt32 = Tuning.queryTime) -> ServerCounts {
    latestCounts.merge(askAll(Array(0..<loops), within: milliseconds) { $0.counts() })
  }
}

extension EventLoop {
  /// The counts of this loop and, for all of them, of the registry.
  mutating func counts() -> LoopCounts {
    LoopCounts(
      counters: counters, registry: hub.withRegistry { RegistryFigures($0) }, pendingLimit: settings.maxTotalPending)
  }
}
