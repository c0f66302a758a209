// The TLS of a loop's connections.

import SSMPTransport

/// What a loop makes TLS connections with, and which of them have to be looked at.
struct LoopTLS: ~Copyable {
  /// What new TLS connections are made with.
  var context: TLSContext?
  /// Which replacement of it this is.
  var generation = 0
  /// The tokens of connections with a handshake that can go on.
  var handshakes = TurnList<UInt64>(keepingCapacityUpTo: 1 << 14)
  /// The slot of the next connection to verify again; `nil` when all have been.
  var nextReview: UInt32?
  /// When certificates that are about to expire were logged last.
  var expiryLogged = Ticks.now()

  init(_ context: TLSContext?) {
    self.context = context
  }

  /// Takes over another context. If its authorities or revocation lists are others, all certificates are looked at again.
  mutating func adopt(_ new: TLSContext?, generation: Int) {
    self.generation = generation
    if new?.origin != context?.origin { nextReview = 0 }
    context = new
  }
}
