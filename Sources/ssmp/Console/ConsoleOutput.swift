// Where the console's lines go.

import SSMPTransport

/// Takes whole lines, from any thread, in order.
protocol ConsoleOutput: AnyObject, Sendable {
  /// Writes a line, without its line end.
  ///
  /// - Throws: `Failure` if the output cannot be written.
  func write(line: [UInt8]) throws
}

/// Standard output without a prompt.
final class PlainOutput: ConsoleOutput {
  private let lock = Locked(())

  func write(line: [UInt8]) throws {
    try lock.withLock { _ in try StandardOutput.write(line + [UInt8(ascii: "\n")]) }
  }
}

/// Holds lines back while the response that they follow is awaited.
final class HeldOutput: Sendable {
  private struct State {
    var isHolding = false
    var lines: [[UInt8]] = []
  }

  private let output: any ConsoleOutput
  private let state = Locked(State())

  init(_ output: any ConsoleOutput) {
    self.output = output
  }

  /// Writes a line now, whatever is held back.
  func write(line: [UInt8]) throws { try output.write(line: line) }

  /// Writes a line, or holds it back.
  func writeLater(line: [UInt8]) throws {
    try state.withLock { state in
      if state.isHolding { state.lines.append(line) } else { try output.write(line: line) }
    }
  }

  /// Holds lines back from now on.
  func hold() { state.withLock { $0.isHolding = true } }

  /// Writes what was held back.
  func release() throws {
    try state.withLock { state in
      defer { state = State() }
      for line in state.lines { try output.write(line: line) }
    }
  }
}
