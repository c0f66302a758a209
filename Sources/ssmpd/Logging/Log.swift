// Log lines on standard error.

import CommandLineTools
import Glibc
import SSMPTransport
import Synchronization

/// The log: one line each on standard error, `TIME LEVEL SUBJECT key=value ...`, or with the journal's own priority in
/// front when standard error is the journal.
///
/// Nobody ever waits for a line to be written. What standard error takes at once is written at once; the rest waits in a
/// queue for a thread that may wait (`Log+Output`). When that is full, lines are lost and counted, and the server goes on.
final class Log: Sendable {
  private let threshold: Atomic<UInt8>
  let lost = Atomic<Int>(0)
  let lostInAll = Atomic<Int>(0)
  private let isJournal: Bool
  let output = StandardError()
  let queue = Monitor(LogQueue())

  init(level: LogLevel) {
    threshold = Atomic(level.rawValue)
    isJournal = Self.standardErrorIsJournal()
  }

  /// The least important lines that are written.
  private(set) var level: LogLevel {
    get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .notice }
    set { threshold.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// True when lines of this level are written.
  func isEnabled(_ level: LogLevel) -> Bool { level.rawValue <= threshold.load(ordering: .relaxed) }

  /// The lines that were lost since the start.
  var linesLost: Int { lostInAll.load(ordering: .relaxed) }

  /// Writes a line. Its text is made only if its level is enabled.
  func write(_ level: LogLevel, _ text: @autoclosure () -> String) {
    guard isEnabled(level) else { return }
    sayLosses()
    if !emit(level, text()) { lose(1) }
  }

  /// Says how many lines were lost, if there is room for that.
  func sayLosses() {
    let lines = lost.exchange(0, ordering: .relaxed)
    if lines > 0, !emit(.warning, "log lost=\(lines)") { lost.add(lines, ordering: .relaxed) }
  }

  /// Counts lines that are lost.
  func lose(_ lines: Int) {
    lost.add(lines, ordering: .relaxed)
    lostInAll.add(lines, ordering: .relaxed)
  }

  /// Changes the level, and calls `announce` in between: before the log gets quieter, or after it has got louder.
  func change(to level: LogLevel, announcing announce: () -> Void) {
    self.level = max(self.level, level)
    announce()
    self.level = level
  }

  /// False when the line is lost.
  private func emit(_ level: LogLevel, _ text: String) -> Bool {
    let start = isJournal ? "<\(level.rawValue)>" : "\(Timestamp.now().text) \(level.name) "
    var line = Array("\(start)\(text)".utf8)
    // Within what a pipe takes in one piece, so lines of several loops do not mix.
    if line.count >= Int(PIPE_BUF) { line.removeLast(line.count - Int(PIPE_BUF) + 1) }
    line.append(UInt8(ascii: "\n"))
    return handOver(line)
  }

  /// True when standard error is the stream that systemd named in `JOURNAL_STREAM`.
  static func standardErrorIsJournal() -> Bool {
    guard let named = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: named) == "\(status.st_dev):\(status.st_ino)"
  }
}
