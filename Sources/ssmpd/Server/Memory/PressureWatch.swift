// For how long senders wait for memory.

import SSMPCore
import SSMPTransport

/// Limits the time for which messages wait without regard to their senders' patience.
///
/// The pressure falls within seconds if recipients read their output, or become stuck and the
/// server closes them. It does not fall if there are many recipients, each with a little pending
/// output, that read almost nothing. They must not stop the server: after `Tuning.pressureTime`
/// messages wait only within the senders' patience again, and the limit itself decides which
/// connections are closed.
struct PressureWatch {
  private var since: Ticks?

  /// The pressure that senders are told of, given what was found now.
  mutating func note(_ found: Pressure, now: Ticks) -> Pressure {
    guard found == .output else {
      since = nil
      return found
    }
    let began = since ?? now
    since = began
    return now.since(began) < Tuning.pressureTime ? .output : .input
  }
}
