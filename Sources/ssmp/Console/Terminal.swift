// The terminal of the program: its mode, its size and its keys.

import CEpoll
import Glibc
import SSMPTransport

/// The mode of the terminal on standard input, which is restored however the program ends.
enum Terminal {
  private struct Mode {
    let original: termios
    var isRaw = false
  }

  private static let mode = Locked<Mode?>(nil)

  /// True if standard input and output are a terminal that can redraw a line.
  static var isInteractive: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !["dumb", nil].contains(Contexts.variable("TERM"))
  }

  /// True if colours are wanted (NO_COLOR).
  static var hasColour: Bool { Contexts.variable("NO_COLOR") == nil }

  /// Has the terminal send each key at once, and not show it.
  static func enterRaw() {
    mode.withLock { mode in
      if mode == nil {
        var original = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &original) == 0 else { return }
        mode = Mode(original: original)
      }
      guard var raw = mode?.original else { return }
      raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON)
      raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
      if unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 { mode?.isRaw = true }
    }
  }

  /// Restores the mode that the terminal had. It can be called at any time.
  static func restore() {
    mode.withLock { mode in
      guard var original = mode?.original, mode?.isRaw == true else { return }
      mode?.isRaw = false
      // At once: the program may be about to end.
      unsafe tcsetattr(STDIN_FILENO, TCSANOW, &original)
    }
  }

  /// Stops the program until the shell has it go on, with the terminal as it was.
  static func suspend() {
    restore()
    // The threads of the concurrency runtime, which this one may have been started by, block it.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTSTP)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGTSTP)
    enterRaw()
  }

  /// The columns of the terminal; 80 if it does not tell.
  static var columns: Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// Reads keys on a thread of its own, and notices when the terminal gets another size.
final class TerminalReader: Sendable {
  /// What has happened at the terminal.
  enum Happening {
    case bytes([UInt8])
    case resized
    case ended
  }

  /// Where the handler of SIGWINCH writes to. It is set before there is a handler, and never again.
  nonisolated(unsafe) private static var resizeDescriptor: Int32 = -1

  /// Begins to read. `take` is called on the thread, until it returns false.
  init(_ take: @escaping @Sendable (Happening) -> Bool) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe ssmp_pipe(&ends) == 0 else { throw SystemError("pipe2") }
    let resizes = ends[0]
    unsafe Self.resizeDescriptor = ends[1]
    signal(SIGWINCH) { _ in
      var byte: UInt8 = 0
      let error = errno
      _ = unsafe write(TerminalReader.resizeDescriptor, &byte, 1)
      errno = error
    }
    try Thread(named: "keys") { while take(Self.next(resizes)) {} }.detach()
  }

  private static func next(_ resizes: Int32) -> Happening {
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: resizes, events: Int16(POLLIN), revents: 0),
    ]
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      guard unsafe poll(&descriptors, 2, -1) > 0 else {
        if errno == EINTR { continue }
        return .ended
      }
      if descriptors[1].revents != 0 {
        _ = unsafe read(resizes, &buffer, buffer.count)
        return .resized
      }
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      return count > 0 ? .bytes(Array(buffer[..<count])) : .ended
    }
  }
}
