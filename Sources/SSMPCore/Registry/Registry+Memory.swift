// Giving back memory that a flood has taken.

import Containers

extension Registry {
  /// A table that can give back its memory separately.
  public enum Table: UInt8, CaseIterable, Sendable {
    case names, topics, topicCongestions, subscriptions, rosters, departures, identities, topicIndex, subscriptionIndex
    case departingIdentities
  }

  /// The most buckets that are merged in one step: a tenth of a millisecond, for which other loops may have to wait.
  private static var mergedAtOnce: Int { 4096 }

  /// True when some table has much more memory than it needs.
  public mutating func hasSlack() -> Bool {
    names.hasSlack() || topics.hasSlack() || subscriptions.hasSlack() || clients.identities.hasSlack()
      || flow.topics.hasSlack() || departures.hasSlack()
  }

  /// Gives back what a table does not need; false when there is more to be done. One step takes some nanoseconds for each
  /// free place of the table: it is for times in which there is little to do.
  public mutating func giveBack(_ table: Table) -> Bool {
    switch table {
    case .names: names.giveBack()
    case .topics: topics.giveBack()
    case .topicCongestions: flow.topics.giveBack()
    case .subscriptions: subscriptions.giveBack()
    case .rosters: subscriptions.rosters.giveBack()
    case .departures: departures.giveBack()
    case .identities: return clients.identities.giveBack(steps: Self.mergedAtOnce)
    case .topicIndex: return topics.index.giveBack(steps: Self.mergedAtOnce)
    case .subscriptionIndex: return subscriptions.index.giveBack(steps: Self.mergedAtOnce)
    case .departingIdentities: return departures.identities.giveBack(steps: Self.mergedAtOnce)
    }
    return true
  }

  /// Gives back the records of a loop's clients in a chunk of slots that the loop does not use.
  /// Does nothing if one of these clients has not left.
  public mutating func giveBackClients(of loop: Int, chunk: Int) {
    let length = ChunkedArray<Client>.chunkLength
    guard clients[loop].capacity >= (chunk + 1) * length, !clients[loop].isBlank(chunk: chunk) else { return }
    for slot in chunk * length..<(chunk + 1) * length where clients[loop][slot].isActive { return }
    clients[loop].giveBack(chunk: chunk)
  }
}
