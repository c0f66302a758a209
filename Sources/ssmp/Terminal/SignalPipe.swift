// Signals as bytes in a pipe.

import Glibc
import SSMPTransport
import Synchronization

/// Writes the number of each signal that has come to a pipe, from which a thread reads it.
///
/// It is for signals that go on with the command, such as SIGWINCH and SIGCONT. Those that end it are waited for by
/// `Interruptions`.
enum SignalPipe {
  private final class Target: Sendable {
    let descriptor = Atomic<Int32>(-1)
  }

  /// Where the handler writes to, by the number of the signal.
  private static let targets = (0...64).map { _ in Target() }

  /// Has these signals arrive in a new pipe from now on. Signals that are ignored, as `nohup` does, stay ignored.
  ///
  /// - Returns: the end to read from; non-blocking.
  static func begin(_ signals: [Int32]) throws(SystemError) -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw SystemError("pipe") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    for number in signals {
      targets[Int(number)].descriptor.store(ends[1], ordering: .relaxed)
      if isIgnored(signal(number, handler)) { _ = signal(number, SIG_IGN) }
    }
    return ends[0]
  }

  /// The next signal in the pipe; `nil` if there is none.
  static func next(_ descriptor: Int32) -> Int32? {
    var byte: UInt8 = 0
    return unsafe read(descriptor, &byte, 1) == 1 ? Int32(byte) : nil
  }

  private static let handler: @convention(c) (Int32) -> Void = { number in
    let code = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(SignalPipe.targets[Int(number)].descriptor.load(ordering: .relaxed), &byte, 1)
    errno = code
  }

  private static func isIgnored(_ handler: __sighandler_t?) -> Bool {
    unsafe unsafeBitCast(handler, to: UInt.self) == unsafeBitCast(SIG_IGN, to: UInt.self)
  }
}
