// Signals as readable events.

import CEpoll
import Glibc

/// A signal that has come.
public struct ReceivedSignal: Equatable, Sendable {
  /// Which one it is.
  public let number: Int32
  /// The process that has sent it; 0 where it was the kernel, or a process that this one does not see.
  public let sender: Int32
}

/// A descriptor that reports signals, which are blocked everywhere else.
public struct SignalSource: Sendable {
  /// What the loop's poller watches, level-triggered.
  public let descriptor: Int32

  /// Blocks `signals` in this thread and all that it starts later, and reports them here from now on.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = Self.hold(signals)
    descriptor = try check("signalfd") { unsafe signalfd(-1, &set, ssmp_SFD_FLAGS) }
  }

  /// Blocks `signals` in this thread and all that it starts later: they wait for a source. To be called as soon as a process
  /// begins, for signals that would end it.
  @discardableResult
  public static func hold(_ signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    return set
  }

  /// The next signal that has come, if there is one.
  public func next() -> ReceivedSignal? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard retrying({ unsafe read(descriptor, &info, size) }) == size else { return nil }
    return ReceivedSignal(number: Int32(info.ssi_signo), sender: Int32(bitPattern: info.ssi_pid))
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
