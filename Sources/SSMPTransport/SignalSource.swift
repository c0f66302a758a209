// Signals as readable events.

import CEpoll
import Glibc

/// A descriptor that reports signals, which are blocked everywhere else.
public struct SignalSource: Sendable {
  /// What the loop's poller watches, level-triggered.
  public let descriptor: Int32

  /// Blocks `signals` in this thread and all that it starts later, and reports them here from now on.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    descriptor = try check("signalfd") { signalfd(-1, &set, ssmp_SFD_FLAGS) }
  }

  /// The next signal that has come, if there is one.
  public func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard retrying({ read(descriptor, &info, size) }) == size else { return nil }
    return Int32(info.ssi_signo)
  }

  /// Makes writing to a closed connection an error instead of the end of the process, and to a terminal whose foreground is
  /// another job's possible instead of a stop.
  public static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
    // And so a log file that has reached the largest size that a file may have.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGTTOU, SIG_IGN)
  }
}
