// The limits that the registry keeps.

/// What one registry bounds, and by how much.
public struct RegistryLimits: Sendable {
  /// The most subscriptions of one connection; beyond it SUBSCRIBE is answered 405.
  public var subscriptions: Int
  /// The memory, in bytes, of one loop's log at which senders are held back until the loop has worked it off. Everything
  /// a connection can receive between two looks at its pending output is in there, so it is part of the marks.
  public var logBytes: Int
  /// The bytes times recipients in one loop's log at which senders are held back: it bounds how long a turn takes.
  public var logVolume: Int
  /// The bytes of an initial batch of presence that are produced at once.
  public var rosterSlice: Int

  /// Limits with these values.
  public init(
    subscriptions: Int = 1000, logBytes: Int = 256 << 10, logVolume: Int = 64 << 20, rosterSlice: Int = 16 << 10
  ) {
    self.subscriptions = subscriptions
    self.logBytes = logBytes
    self.logVolume = logVolume
    self.rosterSlice = rosterSlice
  }
}
