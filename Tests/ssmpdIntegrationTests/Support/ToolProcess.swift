// The real ssmp, run for one test.

import Foundation
import Testing

/// A running `ssmp`, whose standard streams the test has.
final class ToolProcess: @unchecked Sendable {
  let process = Process()
  private let input = Pipe()
  private let output = StreamReader()
  private let errors = StreamReader()

  /// The binary under test: the one that `SSMP` names, or that built with the tests.
  static var binary: URL {
    ProcessInfo.processInfo.environment["SSMP"].map { URL(fileURLWithPath: $0) } ?? ServerProcess.builtWithTests("ssmp")
  }

  /// Starts `ssmp` with these arguments.
  ///
  /// - Parameters:
  ///   - server: where to connect; `nil` if the arguments say so.
  ///   - executable: another program, which runs `ssmp`.
  ///   - home: the home folder, in which the contexts are; by default one that does not exist.
  ///   - keepsInput: true if the test will write to standard input; false to end it at once.
  ///   - prelude: what a shell does first, which then becomes `ssmp`.
  init(
    _ arguments: [String], server: ServerProcess? = nil, executable: URL? = nil, home: String = "/nonexistent",
    environment: [String: String] = [:], keepsInput: Bool = false, after prelude: String? = nil
  ) throws {
    let program = executable ?? Self.binary
    process.executableURL = prelude == nil ? program : URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      (prelude.map { ["-c", "\($0); exec \"$0\" \"$@\"", program.path] } ?? [])
      + (server.map { ["-s", "tcp://127.0.0.1:\($0.port)"] } ?? []) + arguments
    // `swift test` sets NO_COLOR where its own output is no terminal.
    var variables = ProcessInfo.processInfo.environment.filter { variable in
      !["SSMP", "XDG", "NO_COLOR"].contains { variable.key.hasPrefix($0) }
    }
    variables["HOME"] = home
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    try process.run()
    output.begin()
    errors.begin()
    if !keepsInput { endInput() }
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// Writes to its standard input, as much as it takes.
  func write(_ bytes: some Sequence<UInt8>) { try? input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

  /// Writes a text to its standard input.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Ends its standard input.
  func endInput() { try? input.fileHandleForWriting.close() }

  /// Sends it a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// What it has printed so far.
  var printed: [UInt8] { output.bytes }
  /// The same as text.
  var text: String { String(decoding: printed, as: UTF8.self) }
  /// What it has said on standard error so far.
  var errorText: String { String(decoding: errors.bytes, as: UTF8.self) }

  /// Waits until it has printed this.
  func waitForOutput(_ part: String) throws { try wait { self.text.contains(part) } }
  /// Waits until it has said this on standard error.
  func waitForError(_ part: String) throws { try wait { self.errorText.contains(part) } }

  private func wait(_ isTrue: () -> Bool) throws {
    let deadline = Date() + TestClient.seconds
    while !isTrue() {
      try #require(Date() < deadline, "it did not come; there is: \(text.prefix(500)) \(errorText.prefix(500))")
      usleep(2000)
    }
  }

  /// Waits for its end, and for the last that it has printed; returns the exit code, or -1 if a signal has killed it.
  @discardableResult
  func end() throws -> Int32 {
    try wait { !self.process.isRunning }
    process.waitUntilExit()
    output.finish()
    errors.finish()
    return process.terminationReason == .uncaughtSignal ? -1 : process.terminationStatus
  }

  /// Runs `ssmp` to its end.
  static func run(
    _ arguments: [String], server: ServerProcess? = nil, input: [UInt8] = [], home: String = "/nonexistent",
    environment: [String: String] = [:]
  ) throws -> (status: Int32, text: String, errors: String) {
    let tool = try ToolProcess(arguments, server: server, home: home, environment: environment, keepsInput: true)
    tool.write(input)
    tool.endInput()
    return (try tool.end(), tool.text, tool.errorText)
  }
}

/// Reads a pipe on a thread of its own.
private final class StreamReader: @unchecked Sendable {
  let pipe = Pipe()
  private let lock = NSLock()
  private var content: [UInt8] = []
  private let done = DispatchSemaphore(value: 0)

  var bytes: [UInt8] { lock.withLock { content } }

  func begin() {
    try? pipe.fileHandleForWriting.close()
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    Foundation.Thread.detachNewThread { [self] in
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        lock.withLock { content += buffer[..<count] }
      }
      done.signal()
    }
  }

  func finish() { _ = done.wait(timeout: .now() + 10) }
}
