// The limits that the registry keeps.

/// What one registry bounds, and by how much.
public struct RegistryLimits: Sendable {
  /// The most subscriptions of one connection; beyond it SUBSCRIBE is answered 405.
  public var subscriptions: Int
  /// The memory, in bytes, of one loop's log at which senders are held back until the loop has taken it.
  public var logBytes: Int
  /// The bytes of events with several recipients in one loop's log at which senders are held back. Together with
  /// `clientBytes` it bounds what one connection can receive between two looks at its pending output.
  public var fanOutBytes: Int
  /// The bytes of events and replies for one client alone in its loop's log at which senders to it are held back, and
  /// at which it waits itself before many more of its requests are answered.
  public var clientBytes: Int
  /// The bytes times recipients in one loop's log at which senders to many are held back.
  public var logVolume: Int
  /// The recipients, listed in one loop's log, at which senders to many are held back.
  public var logRecipients: Int
  /// The bytes of an initial batch of presence that are produced at once.
  public var rosterSlice: Int
  /// The steps after which a client's requests stop being served for this time: a member that is looked at is one.
  public var stepBudget: Int
  /// True if a sender with one target keeps the pace of the slowest recipient that drains now and then; false if it waits
  /// without bound only when all are congested. Where the limits on pending output are small, readers would be closed otherwise.
  public var paceOfSlowest: Bool

  /// Limits with these values.
  public init(
    subscriptions: Int = 1000, logBytes: Int = 4 << 20, fanOutBytes: Int = 256 << 10, clientBytes: Int = 128 << 10,
    logVolume: Int = 64 << 20, logRecipients: Int = 64 << 10, rosterSlice: Int = 16 << 10, stepBudget: Int = 16 << 10,
    paceOfSlowest: Bool = false
  ) {
    self.subscriptions = subscriptions
    self.logBytes = logBytes
    self.fanOutBytes = fanOutBytes
    self.clientBytes = clientBytes
    self.logVolume = logVolume
    self.logRecipients = logRecipients
    self.rosterSlice = rosterSlice
    self.stepBudget = stepBudget
    self.paceOfSlowest = paceOfSlowest
  }
}
