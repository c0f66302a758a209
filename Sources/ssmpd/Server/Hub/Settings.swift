// What the event loops need to know of the configuration.

import SSMPCore
import SSMPTransport

/// The settings of the running server, and the marks that follow from them.
struct Settings: Sendable {
  let loginTimeout: UInt32
  /// The same for connections that have been let in beyond `--max-connections`.
  let reserveTime: UInt32
  let pingInterval: UInt32
  let pongTimeout: UInt32
  let writeTimeout: UInt32
  /// How long connections take to leave one after the other when the server goes down.
  let drain: UInt32
  let strict: Bool
  /// The failed logins in a minute that throttle an address; 0 for no such limit.
  let maxFailedLogins: Int
  /// The requests in a second of one connection; 0 for no limit.
  let maxRate: Int32
  /// For how long, in milliseconds, a connection pauses that has made more.
  let ratePause: UInt32
  /// The pending output of one connection, in bytes, beyond which it is closed.
  let hardMark: Int
  /// The pending output beyond which senders are held back. What may be in a loop's logs for one client when it is noticed
  /// (two of them, one being filled and one being worked off) must fit between this mark and the hard one.
  let softMark: Int
  /// The pending output below which they go on.
  let lowMark: Int
  /// How long, in milliseconds, a recipient over its soft mark holds senders back that have other recipients, in one piece.
  let holdTime: UInt32
  /// What a sender must have left of its `Patience`, in milliseconds, to be held back so.
  let patienceToWait: Int
  /// How many milliseconds bring back one of those for which a recipient may hold senders, and a sender be held: a tenth and a
  /// twentieth of the time; half of it if the recipient's buffer is small, so that readers are not closed.
  let recipientRecovery: UInt32
  let senderRecovery: UInt32
  let maxTotalPending: Int
  /// The pending bytes of all connections from which on messages wait.
  var pressureMark: Int { maxTotalPending / 4 * 3 }
  /// The bytes that are read from a connection at once: what those that are held back have sent ahead stays small beside
  /// `maxTotalPending`.
  let readSize: Int
  let registryLimits: RegistryLimits
  /// How often, in milliseconds, a busy connection's deadline is moved.
  let touchResolution: UInt32

  init(_ configuration: Configuration) {
    loginTimeout = configuration.loginTimeout
    reserveTime = min(loginTimeout, Tuning.reserveTime)
    pingInterval = configuration.pingInterval
    pongTimeout = configuration.pongTimeout
    writeTimeout = configuration.writeTimeout
    drain = configuration.drain
    strict = configuration.strict
    maxFailedLogins = configuration.maxFailedLogins
    maxRate = Int32(truncatingIfNeeded: configuration.maxRate)
    ratePause = RequestRate.pause(maxRate)
    hardMark = configuration.maxPending
    softMark = min(256 << 10, hardMark / 8, configuration.maxTotalPending / 128)
    lowMark = softMark / 4
    let isRoomy = hardMark >= Tuning.roomyPending && configuration.maxTotalPending >= Tuning.roomyTotalPending
    holdTime = isRoomy ? 20 : 50
    patienceToWait = isRoomy ? 95 : 50
    recipientRecovery = isRoomy ? 10 : 2
    senderRecovery = isRoomy ? 20 : 2
    maxTotalPending = configuration.maxTotalPending
    readSize = min(InputBuffer.readSize, max(4 << 10, maxTotalPending / 256))
    registryLimits = RegistryLimits(
      subscriptions: configuration.maxSubscriptions, logBytes: Tuning.logBytes, fanOutBytes: softMark,
      clientBytes: softMark / 2, logVolume: min(64 << 20, maxTotalPending / 8),
      logRecipients: WorkBounds.inUse.logRecipients, rosterSlice: min(16 << 10, lowMark),
      stepBudget: WorkBounds.inUse.stepBudget, paceOfSlowest: !isRoomy)
    touchResolution = min(1000, configuration.pingInterval / 8)
  }
}
