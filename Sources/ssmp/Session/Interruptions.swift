// What ends a command early: signals, and its time limit.

import CEpoll
import Glibc
import SSMPTransport

/// Waits for SIGINT, SIGTERM and SIGHUP, and for the time of `-W`, on a thread of its own.
///
/// The first of them has the command end in good order, with CLOSE; a second signal, or a command that does not end, ends
/// the program at once.
final class Interruptions: Sendable {
  /// How long a command may take to end: longer than the client waits for the answer to CLOSE.
  private static let patience: UInt64 = 7_000
  private static let signals = [SIGINT, SIGTERM, SIGHUP]
  /// Where the handler writes the numbers of signals to. It is set before there is a handler, and never again.
  nonisolated(unsafe) private static var handlerDescriptor: Int32 = -1
  private let limit: UInt64?
  private let numbers: Int32
  private let code = Locked<Int32?>(nil)

  /// Nothing has come yet.
  ///
  /// Signals are handled, not blocked and waited for: the main thread waits in `sigsuspend`, without any of them blocked.
  ///
  /// - Parameter limit: the milliseconds of `-W`.
  init(limit: UInt64?) {
    self.limit = limit
    var ends: [Int32] = [-1, -1]
    _ = unsafe ssmp_pipe(&ends)
    numbers = ends[0]
    unsafe Self.handlerDescriptor = ends[1]
    for number in Self.signals where !Self.isIgnored(number) {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        let error = errno
        _ = unsafe write(Interruptions.handlerDescriptor, &byte, 1)
        errno = error
      }
    }
    // A reader that has gone is told by the error of write.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// True if a signal was ignored from the start, as `nohup` has it.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The exit code, if something has come.
  var status: Int32? { code.withLock { $0 } }

  /// Begins to wait; `end` is called once, when something has come.
  func begin(_ end: @escaping @Sendable () -> Void) {
    do throws(SystemError) {
      try Thread(named: "signals") { self.wait(end) }.detach()
    } catch {
      // Without a thread signals do what they do by themselves.
      for number in Self.signals { signal(number, SIG_DFL) }
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
      var rest: Int32 = -1
      if let milliseconds {
        let gone = (MonotonicTime.nanoseconds() - start) / 1_000_000
        guard gone < milliseconds else { return nil }
        rest = Int32(clamping: milliseconds - gone)
      }
      var descriptor = pollfd(fd: numbers, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&descriptor, 1, rest) > 0 else { continue }
      var byte: UInt8 = 0
      if unsafe read(numbers, &byte, 1) == 1 { return Int32(byte) }
    }
  }
}
