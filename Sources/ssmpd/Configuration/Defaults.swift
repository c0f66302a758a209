// All limits, defaults and time-outs, each with the reason for its number.

/// What settings are when nobody sets them. Times are in milliseconds, sizes in bytes.
enum Defaults {
  /// "Typically a few seconds" (Login), with room for a slow handshake.
  static let loginTimeout: UInt32 = 10_000
  /// "Typically about 30s" (Server-initiated).
  static let pingInterval: UInt32 = 30_000
  /// "Typically 30s" (Server-initiated).
  static let pongTimeout: UInt32 = 30_000
  /// A peer that takes nothing for so long has stalled; TCP itself would wait for a quarter of an hour.
  static let writeTimeout: UInt32 = 10_000
  /// Enough that a few thousand devices do not all come back in the same instant, and not too long for a restart.
  static let drain: UInt32 = 2_000
  /// Three seconds of 5 MB/s for one device that has stalled: other servers allow 8 to 64 MiB.
  static let maxPending = 16 << 20
  /// Enough for 16 devices that stall under full load, or thousands that stall under little.
  static let maxTotalPending = 256 << 20
  /// A device has a handful; whoever bridges an appliance has hundreds.
  static let maxSubscriptions = 1000
  /// A device with a wrong credential that tries every few seconds stays below it; who guesses does not.
  static let maxFailedLogins = 30
}

/// What settings may be.
enum Ranges {
  /// Below a millisecond nothing is measured; deadlines are kept on a clock that begins anew after 49 days.
  static let time: ClosedRange<UInt32> = 1...(7 * 24 * 3600 * 1000)
  /// 0 closes everybody together; nobody waits for a restart longer than an hour.
  static let drain: ClosedRange<UInt32> = 0...3_600_000
  static let loops = 0...64
  /// Each has a token of its own in the first loop's poller.
  static let listeners = 1...256
  static let connections = 1...(16 << 20)
  static let connectionsPerAddress = 0...(16 << 20)
  static let subscriptions = 1...(1 << 20)
  static let failedLogins = 0...1_000_000
  /// Thousandths of a request are counted in 32 bits.
  static let rate = 0...1_000_000
  /// The shares of a loop's log follow from it (`Settings`): with less they would hold no more than a few of the longest events.
  static let pending = (64 << 10)...(1 << 30)
  static let totalPending = (1 << 20)...(1 << 40)
}

/// Numbers that are not worth a setting.
enum Tuning {
  /// How long a slow recipient may take to drain and still count among those whose pace senders keep.
  static let drainingTime: UInt32 = 2_000
  /// For how long without relief messages wait for output that takes too much memory: recipients that do not drain have become
  /// stuck by then, and have been closed.
  static let pressureTime: UInt32 = 4_000
  /// The `--max-pending` and the `--max-total-pending` from which on a recipient's stall is for its own buffer to bear more than
  /// for its senders.
  static let roomyPending = 4 << 20
  static let roomyTotalPending = 64 << 20
  /// How long a connection may take to receive its last reply and to close its side.
  static let lingerTime: UInt32 = 2_000
  /// How long going down waits for pending output in the end.
  static let drainTime: UInt32 = 2_000
  /// How long it waits then for peers to close their side: a round trip over a bad network.
  static let partingTime: UInt32 = 200
  /// How long accepting rests when descriptors have run out.
  static let acceptPause: UInt32 = 100
  /// How long a message that repeats is not logged again.
  static let logInterval: UInt32 = 10_000
  /// How long the end of the process waits for log lines that nobody has taken yet.
  static let logEndTime: UInt32 = 500
  /// How soon it is looked again whether it is time for a line that is owed.
  static let owedLinesInterval: UInt32 = 2_000
  /// How often a loop on which something happens looks whether memory can be given back: within a minute of the end of a
  /// flood it has done so.
  static let memoryInterval: UInt32 = 15_000
  /// Between two steps of giving memory back.
  static let memoryPause: UInt32 = 5
  /// How far the numbers of connections and of pending bytes must have fallen, by half at least, for that to be worth it.
  static let fallenConnections = 256
  static let fallenPending = 8 << 20
  /// How often systemd is told at most how many connections there are.
  static let statusInterval: UInt32 = 5_000
  /// How often polling is repeated without waiting before output is flushed: +17 % messages with two, +25 % with four.
  static let pollPasses = 4
  /// The memory of a loop's log at which senders are held back. At half of it a turn flushes: with 100 clients that write to
  /// each other at random, 2 MiB is what they send in a turn, and flushing at 128 KiB instead takes over twice the CPU.
  static let logBytes = 4 << 20
  /// The connections that are accepted in one turn.
  static let acceptBatch = 64
  /// How long the handshakes of a turn may take together, in microseconds, before everybody else has a turn: some five
  /// steps of handshakes. The same for looking at certificates again after a reload.
  static let handshakeTime: UInt64 = 4_000
  /// The connections and subscriptions that are looked at in one step after other access rules have come into force: less
  /// than a hundred microseconds, for which the other loops may have to wait.
  static let recheckSteps = 512
  /// How long that may take in one turn, in microseconds.
  static let recheckTime: UInt64 = 4_000
  /// The most connections that are let in beyond `--max-connections`, to log in under a name that is taken: a fleet that comes
  /// back while its old connections are not known to be dead gets in by so many at a time.
  static let mostReserve = 256
  /// How long they have for that, TLS included: a few round trips over a bad network, and not long enough that a few who say
  /// nothing could keep everybody out for good.
  static let reserveTime: UInt32 = 2_000
  /// What one address may have waiting for its login when nobody says how many: room for a fleet behind one router, but not
  /// all there is.
  static let waitingPerAddress = 16...1024
  /// The addresses whose failed logins are remembered: some 500 KiB in all.
  static let failedLoginAddresses = 4096
  /// The bytes of a secret that is not too short: of random letters and digits 16 are 95 bits, and what is left of a longer
  /// one that was cut off is mostly shorter.
  static let leastSecret = 16
  /// From when on it is a warning that something expires.
  static let expiryWarningDays = 30
  /// How often expiry is looked at, in milliseconds.
  static let expiryInterval: UInt32 = 24 * 3600 * 1000
  /// How long a question to a loop waits for its answer: a loop that takes longer for a turn is stuck.
  static let queryTime: UInt32 = 2_000
  /// How long an operator's connection may say nothing before it is closed. Long enough to think, and to read an answer.
  static let adminIdleTime: UInt32 = 60_000
  /// The places that a piece of a listing looks at: 20 to 50 microseconds of a loop's time, or of everybody's.
  static let listingPiece = 256
  /// Descriptors for everything but clients: listeners, pollers, wake-ups, signals, logs, and files read on reload.
  static let reservedDescriptors = 32
  /// The listeners among them; what there are more comes on top.
  static let reservedListeners = 8
}
