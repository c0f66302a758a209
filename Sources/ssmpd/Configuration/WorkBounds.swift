// How much a loop does at a time.

import Glibc

/// The bounds on pieces of work, so that a client that wants little never waits for long, whatever others want.
struct WorkBounds: Sendable {
  /// How long, in microseconds, a turn works off logs, sends what is for many, and goes on with requests that were cut off,
  /// each.
  let workTime: UInt64
  /// The recipients of messages to several that are sent to in the same turn. What goes to more, or to more than half of
  /// these at once, is sent when there is time.
  let urgentRecipients: Int
  /// The steps after which a connection's requests go on in the next turn only. A request is 16, a member that is looked at
  /// is one.
  let turnSteps: Int
  /// The steps after which the registry is left, for other loops to enter.
  let stepBudget: Int
  /// The recipients, listed in one log, at which senders to many are held back until the loop has taken it.
  let logRecipients: Int

  /// A turn of a few milliseconds: some four thousand requests of one client, as many sends, and staging a log of 65,536
  /// recipients, which takes as long.
  static let normal = WorkBounds(
    workTime: 3_000, urgentRecipients: 512, turnSteps: 1 << 16, stepBudget: 1 << 14, logRecipients: 1 << 16)

  /// Pieces so small that everything is cut wherever it can be.
  static let tiny = WorkBounds(workTime: 0, urgentRecipients: 4, turnSteps: 64, stepBudget: 40, logRecipients: 8)

  /// The bounds of this process: `tiny` for tests that ask for it in the environment.
  static let inUse = getenv("SSMPD_TEST_TINY_STEPS") == nil ? normal : tiny
}
