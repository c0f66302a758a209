// The terminal of the program: its mode and its size.

import CommandLineTools
import Glibc
import SSMPTransport

/// The terminal on standard input and output. However the program ends, also by signals and by the time of `-W`, it is given
/// back as it was.
enum Terminal {
  /// The width and the height of a terminal, in characters.
  struct Size: Equatable, Sendable {
    var columns: Int
    var rows: Int
  }

  /// What a command has the terminal do.
  enum Use: Equatable {
    /// Send each key at once, and not show it.
    case line
    /// The same, and show another screen, which the command fills, without a cursor.
    case screen
  }

  private struct Takeover {
    let original: termios
    let use: Use
  }

  /// What the terminal is used for, and how it was before; `nil` while it is not taken over.
  private static let takeover = Locked<Takeover?>(nil)
  private static let enterScreen = "\u{1b}[?1049h\u{1b}[?25l"
  private static let leaveScreen = "\u{1b}[?25h\u{1b}[?1049l"

  /// True if standard input and output are a terminal that can redraw a line.
  static var isInteractive: Bool {
    isThere && hasControls
  }

  /// True if standard input and output are a terminal.
  static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// True if the terminal knows escape sequences.
  static var hasControls: Bool { !["dumb", nil].contains(Contexts.variable("TERM")) }

  /// True if the terminal shows UTF-8, as the locale says.
  static var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Contexts.variable($0) }.first ?? ""
    return locale.lowercased().hasSuffix("utf-8") || locale.lowercased().hasSuffix("utf8")
  }

  /// False if `NO_COLOR` is set (no-color.org).
  static var hasColor: Bool { Contexts.variable("NO_COLOR") == nil }

  /// The size of the terminal on standard output; `nil` if it is none, or does not tell.
  static var size: Size? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Takes the terminal over. It does nothing if standard input is none, or it is taken over already.
  static func take(for use: Use) {
    takeover.withLock { takeover in
      var mode = termios()
      guard takeover == nil, unsafe tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
      takeover = Takeover(original: mode, use: use)
      mode.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
      mode.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
      if use == .screen { mode.c_oflag &= ~tcflag_t(OPOST) }
      _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
      if use == .screen { Output.write(enterScreen) }
    }
  }

  /// Gives the terminal back, if it is taken over. It can be called at any time.
  static func restore() {
    takeover.withLock { last in
      guard let takeover = last else { return }
      last = nil
      if takeover.use == .screen { Output.write(leaveScreen) }
      var original = takeover.original
      // At once: the program may be about to end.
      _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &original)
    }
  }

  /// Stops the program until the shell has it go on, with the terminal as it was.
  static func suspend(_ use: Use) {
    restore()
    // The threads of the concurrency runtime, which this one may have been started by, block it.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTSTP)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGTSTP)
    take(for: use)
  }
}
