// For how long senders wait for memory.

import SSMPCore
import SSMPTransport

/// Bounds the time for which messages wait without regard to their senders' patience.
///
/// Output that is read, or whose recipients become stuck and are closed, relieves the pressure within seconds. Many recipients
/// with a little pending output each that read almost nothing would not, and must not stop the server: after a while
/// messages go on within the senders' patience, and the limit itself decides.
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
