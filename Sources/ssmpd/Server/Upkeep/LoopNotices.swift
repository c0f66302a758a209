// Lines of the log that a loop may not write as often as what they tell of happens.

import SSMPCore

/// What has been logged of events that a peer can bring about again and again, and what is still to be said of them.
struct LoopNotices {
  var pollerFailures = RepeatedMessage()
  var pauses = RepeatedMessage()
  var slowReaders = RepeatedMessage()
  var lateTurns = RepeatedMessage()
  var connectionLimit = RepeatedMessage()
  /// For closes that are warnings.
  var closes = LineBudget()
  var refusals = RefusalLines()
  /// What is wrong with the last requests of connections that end for it, by slot.
  var faults: [UInt32: RequestFault] = [:]

  /// True when something has happened that no line has told of.
  var isOwing: Bool {
    refusals.isOwing || pollerFailures.isOwing || pauses.isOwing || lateTurns.isOwing || slowReaders.isOwing
      || connectionLimit.isOwing || closes.isOwing
  }
}
