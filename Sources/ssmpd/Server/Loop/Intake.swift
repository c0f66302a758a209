// What a loop reads requests with.

import SSMPCore
import SSMPTransport

/// The buffer and the batch that all connections of a loop share, and the connections whose turn it is.
struct Intake: ~Copyable {
  var input = InputBuffer()
  var batch = RequestBatch()
  /// The slots of connections that may have input.
  var readable = TurnList<UInt32>(keepingCapacityUpTo: 1 << 14)
  /// The tokens of connections whose requests were cut off, and go on when others have had their turn.
  var yielded = TurnList<UInt64>(keepingCapacityUpTo: 1 << 12)
}
