// Log lines on standard error.

import Glibc
import Synchronization

/// The log: one line each on standard error, `TIME LEVEL SUBJECT key=value ...`, or with the journal's own priority in
/// front when standard error is the journal.
///
/// A line is written by one call and never waited for: when whoever reads the log has stopped, lines are lost and
/// counted, and the server goes on.
final class Log: Sendable {
  private let threshold: Atomic<UInt8>
  private let lost = Atomic<Int>(0)
  private let lostInAll = Atomic<Int>(0)
  private let isJournal: Bool
  private let output: Output

  /// Standard error, in a form that can be written to without waiting.
  private enum Output {
    case socket
    case descriptor(Int32)
  }

  init(level: LogLevel) {
    threshold = Atomic(level.rawValue)
    isJournal = Self.standardErrorIsJournal()
    output = Self.openOutput()
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

  /// Writes a line, whose text is only made when its level is enabled.
  func write(_ level: LogLevel, _ text: @autoclosure () -> String) {
    guard isEnabled(level) else { return }
    let lines = lost.exchange(0, ordering: .relaxed)
    if lines > 0, !emit(.warning, "log lost=\(lines)") { lost.add(lines, ordering: .relaxed) }
    if !emit(level, text()) {
      lost.add(1, ordering: .relaxed)
      lostInAll.add(1, ordering: .relaxed)
    }
  }

  /// Changes the level, and calls `announce` in between: before the log gets quieter, or after it has got louder.
  func change(to level: LogLevel, announcing announce: () -> Void) {
    self.level = max(self.level, level)
    announce()
    self.level = level
  }

  /// False when the line could not be written without waiting.
  private func emit(_ level: LogLevel, _ text: String) -> Bool {
    let start = isJournal ? "<\(level.rawValue)>" : "\(Self.timestamp()) \(level.name) "
    var line = Array("\(start)\(text)".utf8)
    // Within what a pipe takes in one piece, so lines of several loops do not mix.
    if line.count >= Int(PIPE_BUF) { line.removeLast(line.count - Int(PIPE_BUF) + 1) }
    line.append(UInt8(ascii: "\n"))
    let length = line.count
    switch output {
    case .socket: return send(STDERR_FILENO, line, length, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == length
    case .descriptor(let descriptor): return Glibc.write(descriptor, line, length) == length
    }
  }

  /// A pipe or a terminal is opened once more, without waiting: the flag on standard error itself would be shared with
  /// whoever else has it open.
  private static func openOutput() -> Output {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return .descriptor(STDERR_FILENO) }
    if status.st_mode & S_IFMT == S_IFSOCK { return .socket }
    guard status.st_mode & S_IFMT != S_IFREG else { return .descriptor(STDERR_FILENO) }
    let again = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    return .descriptor(again == -1 ? STDERR_FILENO : again)
  }

  private static func timestamp() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let date = String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fraction = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
    return "\(date).\(fraction)Z"
  }

  /// True when standard error is the stream that systemd named in `JOURNAL_STREAM`.
  static func standardErrorIsJournal() -> Bool {
    guard let named = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: named) == "\(status.st_dev):\(status.st_ino)"
  }
}
