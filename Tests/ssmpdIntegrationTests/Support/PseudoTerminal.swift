// A terminal for a program under test.

import Foundation
import Testing

/// A pseudo-terminal, and `ssmp` in it.
final class PseudoTerminal: @unchecked Sendable {
  let process = Process()
  private let master: Int32
  private let slave: Int32
  private let lock = NSLock()
  private var content: [UInt8] = []

  /// Starts `ssmp` with these arguments in a terminal of this size.
  init(_ arguments: [String], columns: UInt16 = 100, rows: UInt16 = 30, environment: [String: String] = [:]) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var lock: Int32 = 0
    var number: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN, which Swift does not take from C.
    try #require(master >= 0 && ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    slave = open(name, O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    process.executableURL = ToolProcess.binary
    process.arguments = arguments
    // `swift test` sets NO_COLOR where its own output is no terminal.
    var variables = ProcessInfo.processInfo.environment.filter { $0.key != "NO_COLOR" }
    for (key, value) in ["TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"] { variables[key] = value }
    process.environment = variables.merging(environment) { $1 }
    let handle = FileHandle(fileDescriptor: slave)
    (process.standardInput, process.standardOutput, process.standardError) = (handle, handle, handle)
    setSize(columns: columns, rows: rows)
    try process.run()
    let descriptor = master
    Foundation.Thread.detachNewThread { [weak self] in
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0, let self else { return }
        self.lock.withLock { self.content += buffer[..<count] }
      }
    }
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    close(slave)
    close(master)
  }

  /// Sets the size. The program is told by SIGWINCH, which the kernel sends only where the terminal controls jobs.
  func setSize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    if process.isRunning { signal(SIGWINCH) }
  }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Presses keys.
  func type(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// All that has been written to the terminal.
  var output: [UInt8] { lock.withLock { content } }
  var text: String { String(decoding: output, as: UTF8.self) }

  /// The lines of the last complete frame, without styles.
  var frame: [String] {
    let frames = text.components(separatedBy: "\u{1b}[H")
    guard frames.count > 2 else { return [] }
    let plain = frames[frames.count - 2].replacing(/\u{1b}\[[0-9;?]*[A-Za-z]/, with: "")
    return plain.components(separatedBy: "\r\n")
  }

  /// How the terminal is set: whether it echoes, for example.
  var mode: [UInt32] {
    var mode = termios()
    tcgetattr(slave, &mode)
    return [mode.c_iflag, mode.c_oflag, mode.c_lflag]
  }

  /// Waits until the last frame is so.
  func waitForFrame(_ what: String, _ isTrue: ([String]) -> Bool) throws {
    do {
      try eventually("the terminal shows \(what)") { isTrue(frame) }
    } catch {
      throw TestFailure("\(error); it shows: \(frame.joined(separator: "\n"))")
    }
  }

  /// Waits for the end; returns the exit code.
  func end() throws -> Int32 {
    try eventually("ssmp ends") { !process.isRunning }
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
  }
}
