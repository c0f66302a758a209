// The terminal that `ssmp top` takes over.

import CommandLineTools
import Glibc
import SSMPTransport

/// Standard input and output as a terminal in raw mode, on the alternate screen. It is given back in every case, also by
/// signals and by the time of `-W`.
enum Terminal {
  /// The width and the height of a terminal, in characters.
  struct Size: Equatable, Sendable {
    var columns: Int
    var rows: Int
  }

  /// How the terminal was before; `nil` while it is not taken over.
  private static let previous = Locked<termios?>(nil)
  /// The alternate screen, and no cursor.
  private static let takeover = "\u{1b}[?1049h\u{1b}[?25l"
  private static let giveBack = "\u{1b}[?25h\u{1b}[?1049l"

  /// The size of the terminal at a descriptor; `nil` if it is none, or does not tell.
  static func size(of descriptor: Int32) -> Size? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Takes the terminal over: keys are read as they are pressed, and are not shown.
  static func enter() throws {
    try previous.withLock { previous in
      var mode = termios()
      guard unsafe tcgetattr(STDIN_FILENO, &mode) == 0, isatty(STDOUT_FILENO) == 1 else {
        throw Failure(.usage, "standard input and output are no terminal; `ssmp top -b` needs none")
      }
      previous = mode
      mode.c_iflag &= ~tcflag_t(ICRNL | IXON | BRKINT | INPCK | ISTRIP)
      mode.c_oflag &= ~tcflag_t(OPOST)
      mode.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
      _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
      Output.write(takeover)
    }
  }

  /// Gives the terminal back, if it is taken over.
  static func restore() {
    previous.withLock { previous in
      guard var mode = previous else { return }
      previous = nil
      Output.write(giveBack)
      _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
    }
  }
}
