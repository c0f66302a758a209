// A terminal with a line that is being typed, and output above it.

import CommandLineTools
import Glibc
import SSMPTransport

/// Shows lines above the prompt, and edits the line behind it.
///
/// All that is written goes through one lock, in one write: the prompt line is erased, the output takes its place, and the
/// prompt line is drawn anew below. So what is typed is never mixed with output.
final class ConsoleScreen: ConsoleOutput {
  private struct State {
    var prompt = ""
    var keys = KeyDecoder()
    var editor = LineEditor()
    /// True while there is a prompt.
    var isOpen = false
  }

  private let state = Locked(State())
  private let lines: AsyncStream<[UInt8]>
  private let entered: AsyncStream<[UInt8]>.Continuation

  init() {
    (lines, entered) = AsyncStream.makeStream()
  }

  /// The lines that are entered, until the input ends.
  var input: ConsoleInput { .typed(lines) }

  /// Shows the prompt, and begins to read keys.
  func open(prompt: String) throws {
    Terminal.take(for: .line)
    state.withLock { state in
      (state.prompt, state.isOpen) = (prompt, true)
      draw(state)
    }
    _ = try TerminalReader { [self] in take($0) }
  }

  /// Removes the prompt, and restores the terminal.
  func close() {
    state.withLock { state in
      if state.isOpen { write("\r\u{1b}[K") }
      state.isOpen = false
    }
    Terminal.restore()
    entered.finish()
  }

  func write(line: [UInt8]) {
    state.withLock { state in
      guard state.isOpen else { return write(line + [UInt8(ascii: "\n")]) }
      write(Array("\r\u{1b}[K".utf8) + line + Array("\n\(drawing(state))".utf8))
    }
  }

  // MARK: Keys

  /// Does what keys say; false when no more are wanted.
  private func take(_ happening: TerminalReader.Happening) -> Bool {
    state.withLock { state in
      guard state.isOpen else { return false }
      switch happening {
      case .resized: draw(state)
      case .ended:
        entered.finish()
        return false
      case .bytes(let bytes):
        for key in state.keys.decode(bytes) where !act(on: state.editor.press(key), &state) { return false }
        draw(state)
      }
      return true
    }
  }

  /// Does what a key has brought about, but for drawing the line.
  private func act(on outcome: LineEditor.Outcome, _ state: inout State) -> Bool {
    switch outcome {
    case .edited: break
    case .cleared: write("\u{1b}[H\u{1b}[2J")
    case .entered(let line):
      // All of it stays above, also what did not fit into a line.
      write("\r\u{1b}[K\(state.prompt)\(line.printable)\n")
      entered.yield(Array(line.utf8))
    case .interrupted(isEmpty: false): write("^C\n")
    case .interrupted(isEmpty: true):
      // As the terminal would have it in its usual mode.
      kill(getpid(), SIGINT)
    case .suspended:
      write("\r\u{1b}[K")
      Terminal.suspend(.line)
    case .ended:
      entered.finish()
      return false
    }
    return true
  }

  // MARK: Drawing

  private func drawing(_ state: State) -> String {
    EditLine(state.editor, prompt: state.prompt, columns: Terminal.size?.columns ?? 80).drawing
  }

  private func draw(_ state: State) { write(drawing(state)) }

  private func write(_ text: String) { write(Array(text.utf8)) }

  /// A terminal that is gone ends the input, and sends SIGHUP.
  private func write(_ bytes: [UInt8]) { try? StandardOutput.write(bytes) }
}
