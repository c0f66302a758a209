// ssmp top on a terminal.

import CommandLineTools
import Glibc
import SSMPTransport

/// Shows the figures, and waits for keys, signals and the next look at the server.
struct TopScreen {
  private let poller: TopPoller
  private let signals: Int32
  private var model = TopModel()
  private var state = TopState()
  private var view = TopView()
  private let hasColor = Terminal.hasColor

  /// Takes the terminal over, and gives it back at the end.
  static func run(_ settings: Settings) async throws -> ExitStatus {
    guard Terminal.hasControls else {
      throw Failure(.usage, "the terminal cannot be controlled (TERM is not set, or dumb); `ssmp top -b` needs none")
    }
    let poller = try TopPoller(settings.admin.path, TopQuery(), every: settings.top.interval)
    defer { Terminal.restore() }
    return try await withTaskCancellationHandler {
      // That there is no server is told before anything is drawn.
      var screen = try TopScreen(poller, settings, try poller.next())
      try screen.run()
      return .done
    } onCancel: {
      poller.wakeup.signal()
    }
  }

  private init(_ poller: TopPoller, _ settings: Settings, _ first: TopSample) throws {
    self.poller = poller
    do throws(SystemError) {
      signals = try SignalPipe.begin([SIGWINCH, SIGTSTP, SIGCONT])
    } catch {
      throw Failure(.refused, "\(error)")
    }
    view.path = settings.admin.path
    view.isUnicode = Terminal.isUnicode
    model.take(first)
  }

  private mutating func run() throws {
    // In the background it waits for its turn, as other programs do.
    if Self.isForeground { try Self.enter() } else { try suspend() }
    while !Task.isCancelled {
      try draw()
      let ready = PatientSocket.wait(
        reading: [STDIN_FILENO, signals, poller.wakeup.descriptor], milliseconds: nil)
      if ready & 1 != 0, try !readKeys() { return }
      if ready & 2 != 0 { try takeSignals() }
      if ready & 4 != 0 { takeSample() }
    }
  }

  private func draw() throws {
    let size = Terminal.size ?? Terminal.Size(columns: 80, rows: 24)
    // Each line is cleared before it is written: behind a line that fills the width it would lose its last character.
    let lines = view.lines(model, state, size).map { "\u{1b}[K" + $0.terminalText(hasColor: hasColor) }
    try StandardOutput.write("\u{1b}[H" + lines.joined(separator: "\r\n"))
  }

  /// Reads what was typed; false if that ends the command.
  private mutating func readKeys() throws -> Bool {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return true }
    guard count > 0 else { return false }
    for key in TopKey.keys(in: Array(bytes[..<count])) {
      switch state.press(key) {
      case .none: break
      case .quit: return false
      case .suspend: try suspend()
      case .redraw: try StandardOutput.write("\u{1b}[2J")
      }
    }
    poller.ask(state.query)
    return true
  }

  private mutating func takeSignals() throws {
    while let number = SignalPipe.next(signals) {
      switch number {
      case SIGTSTP: try suspend()
      case SIGCONT:
        // The shell may have changed the terminal's mode.
        Terminal.restore()
        try Self.enter()
      default: try StandardOutput.write("\u{1b}[2J")
      }
    }
  }

  private static func enter() throws {
    guard Terminal.isThere else {
      throw Failure(.usage, "standard input and output are no terminal; `ssmp top -b` needs none")
    }
    Terminal.take(for: .screen)
  }

  /// Gives the terminal back and stops, until the shell lets the command go on in the foreground.
  private func suspend() throws {
    Terminal.restore()
    repeat {
      kill(getpid(), SIGSTOP)
      // The kernel may stop this thread a little later.
      while SignalPipe.next(signals) != SIGCONT {
        _ = PatientSocket.wait(reading: [signals], milliseconds: nil)
        if Task.isCancelled { return }
      }
    } while !Self.isForeground
    try Self.enter()
  }

  /// False if the terminal belongs to another job of the shell. A terminal that controls no jobs has no owner.
  private static var isForeground: Bool {
    let owner = tcgetpgrp(STDIN_FILENO)
    return owner == -1 || owner == getpgrp()
  }

  private mutating func takeSample() {
    poller.wakeup.clear()
    guard let result = poller.take() else { return }
    switch result {
    case .success(let sample):
      view.problem = nil
      if !state.isPaused { model.take(sample) }
    case .failure(let failure): view.problem = failure.message
    }
  }
}
