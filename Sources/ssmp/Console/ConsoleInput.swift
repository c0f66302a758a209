// Where the console's lines come from.

import Glibc

/// The lines that are typed, or that come on standard input.
enum ConsoleInput {
  /// Lines that an editor has completed.
  case typed(AsyncStream<[UInt8]>)
  /// Standard input, taken apart here.
  case piped

  /// Reads the lines in order.
  struct Reader {
    private var typed: AsyncStream<[UInt8]>.Iterator?
    private var thread: InputThread?
    private var lines = ByteLines()

    init(_ input: ConsoleInput) {
      switch input {
      case .typed(let lines): typed = lines.makeAsyncIterator()
      case .piped: thread = InputThread(STDIN_FILENO)
      }
    }

    /// The next line without its line end; `nil` at the end, and when the task is cancelled.
    mutating func next() async -> [UInt8]? {
      if var typed {
        defer { self.typed = typed }
        return await typed.next()
      }
      while let thread {
        if let line = lines.next() { return line }
        if let bytes = await thread.next() {
          lines.add(bytes)
        } else {
          self.thread = nil
          return Task.isCancelled ? nil : lines.finish()
        }
      }
      return nil
    }
  }
}

/// Takes bytes apart into lines. The last one needs no line end.
struct ByteLines {
  private var bytes: [UInt8] = []
  private var start = 0

  /// Adds what has come.
  mutating func add(_ more: [UInt8]) {
    bytes.removeFirst(start)
    start = 0
    bytes += more
  }

  /// The next whole line, without its LF.
  mutating func next() -> [UInt8]? {
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { start = end + 1 }
    return Array(bytes[start..<end])
  }

  /// What is left behind the last LF.
  mutating func finish() -> [UInt8]? {
    defer { bytes = [] }
    return start < bytes.count ? Array(bytes[start...]) : nil
  }
}
