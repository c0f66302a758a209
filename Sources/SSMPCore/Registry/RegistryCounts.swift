// What the registry counts.

import Containers

/// Counts since the start. They only grow, so differences between two readings are meaningful.
public struct RegistryCounts: Sendable {
  /// Requests served or refused.
  public internal(set) var requests = CaseCounts<Verb, UInt64>()
  /// Responses.
  public internal(set) var replies = CaseCounts<ReplyCode, UInt64>()
  /// Logins that succeeded.
  public internal(set) var logins: UInt64 = 0
  /// Events delivered to a connection's loop, one for each recipient.
  public internal(set) var events: UInt64 = 0
  /// Times a sender was held back for a recipient that was over its soft mark.
  public internal(set) var heldForClient: UInt64 = 0
  /// Times a sender was held back for a loop that had to work off its log first.
  public internal(set) var heldForLog: UInt64 = 0
  /// Times a sender was held back because all connections together had much pending.
  public internal(set) var heldForMemory: UInt64 = 0
  /// Refused SUBSCRIBEs at the limit of subscriptions.
  public internal(set) var subscriptionsRefused: UInt64 = 0
  /// Requests that the access rules have refused, LOGINs included.
  public internal(set) var accessRefused: UInt64 = 0
}
