// How a client behaves.

import FuzzHarness

/// What is particular about one client.
struct Habits {
  /// The sizes of its writes.
  enum Writes: CaseIterable {
    /// Everything at once.
    case whole
    /// A few bytes at a time, so that requests come in pieces.
    case crumbs
    /// Pieces of any length.
    case pieces
  }

  /// What it does with what it is sent.
  enum Reads {
    case all
    /// It takes this many bytes a millisecond.
    case slowly(Int)
    /// It stops reading now and then, for this many milliseconds at most.
    case withStops(Int)
  }

  var writes = Writes.whole
  var reads = Reads.all
  /// The most requests that it sends at once.
  var burst = 4
  /// It connects, and does not log in.
  var isSilent = false
  /// It asks for things in the same segment as LOGIN.
  var isHasty = false

  init(_ random: inout Chance) {
    writes = random.pick([Writes.whole, .whole, .whole, .crumbs, .pieces, .pieces])
    switch random.below(20) {
    case 0: reads = .slowly(random.pick([200, 2000, 20_000]))
    case 1, 2: reads = .withStops(random.pick([50, 300, 1500, 4000]))
    default: break
    }
    burst = random.pick([1, 1, 4, 4, 4, 20, 300])
    isSilent = random.once(in: 40)
    isHasty = random.once(in: 3)
  }

  /// The habits in a few words, for reports.
  var label: String { "writes=\(writes) reads=\(reads) burst=\(burst)" }

  var readsAll: Bool {
    if case .all = reads { return true }
    return false
  }
}
