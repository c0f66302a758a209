// What ends a command early: signals, and its time limit.

import Glibc
import SSMPTransport

/// Waits for SIGINT, SIGTERM and SIGHUP, and for the time of `-W`, on a thread of its own.
///
/// The first of them has the command end in good order, with CLOSE; a second signal, or a command that does not end, ends the
/// program at once.
final class Interruptions: Sendable {
  /// How long a command may take to end: longer than the client waits for the answer to CLOSE.
  private static let patience: UInt64 = 7_000
  private let limit: UInt64?
  /// Where signals arrive; `nil` if there are no descriptors left, so that signals have their default effect.
  private let signals: Int32?
  private let code = Locked<Int32?>(nil)

  /// Takes the signals from now on.
  ///
  /// - Parameter limit: the milliseconds of `-W`.
  init(limit: UInt64?) {
    self.limit = limit
    signals = try? SignalPipe.begin([SIGINT, SIGTERM, SIGHUP])
    // A reader that has gone is told by the error of write.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// The exit code, if something has come.
  var status: Int32? { code.withLock { $0 } }

  /// Begins to wait; `end` is called once, when something has come.
  func begin(_ end: @escaping @Sendable () -> Void) {
    do throws(SystemError) {
      try Thread(named: "signals") { self.wait(end) }.detach()
    } catch {
      // Without a thread signals do what they do by themselves.
      for number in [SIGINT, SIGTERM, SIGHUP] { _ = signal(number, SIG_DFL) }
    }
  }

  private func wait(_ end: @Sendable () -> Void) {
    let number = next(within: limit)
    let status = number.map { 128 + $0 } ?? ExitStatus.timeOver.rawValue
    code.withLock { $0 = status }
    end()
    let last = next(within: Self.patience).map { 128 + $0 } ?? status
    Terminal.restore()
    _exit(last)
  }

  /// The next signal; `nil` if none comes in time.
  private func next(within milliseconds: UInt64?) -> Int32? {
    let start = MonotonicTime.nanoseconds()
    while true {
      if let signals, let number = SignalPipe.next(signals) { return number }
      var rest: UInt32?
      if let milliseconds {
        let gone = (MonotonicTime.nanoseconds() - start) / 1_000_000
        guard gone < milliseconds else { return nil }
        rest = UInt32(clamping: milliseconds - gone)
      }
      _ = PatientSocket.wait(reading: signals.map { [$0] } ?? [], milliseconds: rest)
    }
  }
}
