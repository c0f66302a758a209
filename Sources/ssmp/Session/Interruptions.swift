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
  private let code = Locked<Int32?>(nil)

  /// Nothing has come yet.
  ///
  /// - Parameter limit: the milliseconds of `-W`.
  init(limit: UInt64?) {
    self.limit = limit
  }

  /// Has signals wait until they are asked for. To be called before there are other threads, which begin with the mask of the
  /// thread that starts them.
  static func takeSignals() {
    var signals = Self.signals
    // Exactly these: what started the program may have blocked others, such as SIGCONT and SIGWINCH.
    unsafe pthread_sigmask(SIG_SETMASK, &signals, nil)
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
      var signals = Self.signals
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  private func wait(_ end: @Sendable () -> Void) {
    let number = next(within: limit)
    let status = number.map { 128 + $0 } ?? ExitStatus.timeOver.rawValue
    code.withLock { $0 = status }
    end()
    let last = next(within: Self.patience).map { 128 + $0 } ?? status
    ChildProcess.endAll()
    Terminal.restore()
    _exit(last)
  }

  /// The next signal; `nil` if none comes in time.
  private func next(within milliseconds: UInt64?) -> Int32? {
    let start = MonotonicTime.nanoseconds()
    var signals = Self.signals
    while true {
      var number: Int32 = -1
      if let milliseconds {
        let gone = (MonotonicTime.nanoseconds() - start) / 1_000_000
        guard gone < milliseconds else { return nil }
        let rest = milliseconds - gone
        var time = timespec(tv_sec: Int(rest / 1000), tv_nsec: Int(rest % 1000) * 1_000_000)
        number = unsafe sigtimedwait(&signals, nil, &time)
      } else {
        number = unsafe sigwaitinfo(&signals, nil)
      }
      if number > 0 { return number }
    }
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { unsafe sigaddset(&set, number) }
    return set
  }

  /// True if a signal was ignored from the start, as `nohup` has it.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
