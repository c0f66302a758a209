// Going down.

import Containers
import SSMPTransport

/// How the server goes down; it can only become more urgent.
enum Urgency: UInt8, Comparable {
  case none
  /// One connection after the other, spread over `--drain`.
  case spread
  /// All connections together, as soon as what is pending has been sent.
  case together
  /// Now, whatever is pending.
  case atOnce

  /// Its name in the log.
  var name: StaticString {
    switch self {
    case .none: "not"
    case .spread: "spread"
    case .together: "together"
    case .atOnce: "at-once"
    }
  }

  static func < (one: Urgency, other: Urgency) -> Bool { one.rawValue < other.rawValue }
}

/// How far a loop is on its way down.
enum DrainPhase: Equatable {
  case running
  /// One connection after the other leaves; the others are served as ever.
  case leaving(since: Ticks)
  /// No more requests are read; what the other loops still deliver is waited for.
  case quiet(since: Ticks)
  /// Pending output is being sent.
  case flushing(since: Ticks)
  /// Everything has been sent, and peers are given a moment to close their side.
  case parting(since: Ticks)
  case ended
}

/// A loop on its way down.
struct Drain: ~Copyable {
  var phase = DrainPhase.running
  /// The slots of those that leave one after the other, and how many of them have.
  var leaving = FlatArray<UInt32>()
  var gone = 0

  /// How many of those that leave one after the other have to be gone.
  ///
  /// - Parameters:
  ///   - passed: the milliseconds since the first of them.
  ///   - whole: the milliseconds for all of them.
  func due(after passed: UInt32, of whole: UInt32) -> Int {
    passed >= whole ? leaving.count : min(leaving.count, leaving.count * Int(passed) / Int(whole) + 1)
  }
}
