// The memory that a loop has needed.

import SSMPTransport

/// The memory that a loop has needed, and how far it is with giving some of it back.
struct MemoryPeaks {
  /// The most connections and pending bytes since memory was given back last.
  var peakConnections = 0
  var peakPending = 0
  /// When it was looked at last, and how many turns there had been.
  var lastLook = Ticks(0)
  var lastTurn: UInt64 = 0
  /// What is to be given back next, while that goes on.
  var next: Step?

  /// What is done in one turn.
  enum Step {
    case connections
    case table(Int)
    case admissions
  }
}
