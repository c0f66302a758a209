// What a loop reads requests with.

import SSMPCore
import SSMPTransport

/// The buffer and the batch that all connections of a loop share, and the connections that are to
/// be read from or served next.
struct Intake: ~Copyable {
  var input = InputBuffer()
  var batch = RequestBatch()
  /// The slots of connections that may have input.
  var readable = TurnList<UInt32>(keepingCapacityUpTo: 1 << 14)
  /// The tokens of connections that had to yield in the middle of their requests. They go on when
  /// others have had their turn.
  var yielded = TurnList<UInt64>(keepingCapacityUpTo: 1 << 12)
}
