// The TLS of a loop's connections.

import SSMPTransport

/// What a loop makes TLS connections with, and which of them have to be looked at.
struct LoopTLS: ~Copyable {
  /// What new TLS connections are made with.
  var context: TLSContext?
  /// Which replacement of it this is.
  var generation = 0
  /// The tokens of connections whose handshakes have something to go on with.
  var handshakes = TurnList<UInt64>(keepingCapacityUpTo: 1 << 14)
  /// The next connection whose certificate is to be looked at again; `nil` when all have been.
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
