// The real ssmpd, started for one test.

import Foundation
import Testing

/// A running ssmpd on a free port of the loopback interface.
final class ServerProcess: @unchecked Sendable {
  let port: UInt16
  let process: Process
  private let log: URL

  /// The binary under test: the one named by `SSMPD` (one built with a sanitizer, say), or that built with the tests.
  static var binary: URL {
    if let named = ProcessInfo.processInfo.environment["SSMPD"] { return URL(fileURLWithPath: named) }
    return builtWithTests("ssmpd")
  }

  /// A sanitizer's own memory is not the server's.
  static var isSanitized: Bool { ProcessInfo.processInfo.environment["SSMPD"] != nil }

  /// A program of this package, built with the tests.
  static func builtWithTests(_ name: String) -> URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent(name)
  }

  /// Starts ssmpd with these arguments, and waits until it listens.
  ///
  /// - Parameters:
  ///   - listen: where; `nil` when a configuration file says so. The same for the level.
  ///   - descriptors: a limit on its open descriptors, if it is to have a small one.
  ///   - prelude: what a shell does first, which then becomes ssmpd.
  ///   - input: its standard input.
  init(
    _ arguments: [String] = ["--open"], listen: String? = "tcp://127.0.0.1:0", level: String? = "info",
    descriptors: Int? = nil, after prelude: String? = nil, input: FileHandle = .nullDevice
  ) throws {
    log = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString).log")
    #expect(FileManager.default.createFile(atPath: log.path, contents: nil))
    process = Process()
    let all = (listen.map { ["--listen", $0] } ?? []) + (level.map { ["--log-level", $0] } ?? []) + arguments
    let first = [descriptors.map { "ulimit -n \($0)" }, prelude].compactMap { $0 }
    if !first.isEmpty {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", (first + ["exec \"$0\" \"$@\""]).joined(separator: "; "), Self.binary.path] + all
    } else {
      process.executableURL = Self.binary
      process.arguments = all
    }
    process.standardError = try FileHandle(forWritingTo: log)
    process.standardInput = input
    try process.run()
    port = Self.port(in: try Self.wait(for: "listen address=", in: log, process))
  }

  /// The port of the listener for `scheme`, `tcp` or `tls`, where there are several.
  func port(of scheme: String) throws -> UInt16 {
    Self.port(in: try waitForLog("listen address=\(scheme)://"))
  }

  private static func port(in line: String) -> UInt16 {
    let address = line.split(separator: " ").first { $0.hasPrefix("address=tcp://") || $0.hasPrefix("address=tls://") }
    return address.flatMap { $0.split(separator: ":").last }.flatMap { UInt16($0) } ?? 0
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    for line in logLines where line.contains("Sanitizer: ") || line.contains("Fatal error") {
      Issue.record("ssmpd: \(line)")
    }
    try? FileManager.default.removeItem(at: log)
  }

  /// A new connection.
  func connect() throws -> TestClient { try TestClient(port: port) }

  /// A new connection that is logged in under `id`.
  func login(_ id: String) throws -> TestClient {
    let client = try connect()
    client.send("LOGIN \(id) open\n")
    client.expect("200\n")
    return client
  }

  /// Connects a client that has just sent to somebody else: where it waits for a recipient it keeps others waiting, too, so
  /// it does not wait for long.
  func loginHub(_ id: String) throws -> TestClient {
    let client = try login(id)
    let peer = try login("\(id)-peer")
    client.send("UCAST \(id)-peer x\n")
    client.expect("200\n")
    peer.expect("000 \(id) UCAST \(id)-peer x\n")
    return client
  }

  /// The lines that have been logged. A thread of the server's writes them to a file, so those of what a client has just seen
  /// are given a moment.
  var logLines: [String] {
    usleep(20_000)
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// The first logged line that contains `text`, waiting for it if need be.
  @discardableResult
  func waitForLog(_ text: String) throws -> String { try Self.wait(for: text, in: log, process) }

  /// The figures of a report, by name.
  func report() throws -> [String: Int] {
    let before = logLines.count { $0.contains("report closes") }
    kill(process.processIdentifier, SIGUSR1)
    let deadline = Date() + TestClient.seconds
    while logLines.count(where: { $0.contains("report closes") }) == before {
      try #require(Date() < deadline, "no report came")
      usleep(5_000)
    }
    var figures: [String: Int] = [:]
    for line in logLines where line.contains(" report ") {
      for word in line.split(separator: " ") {
        let parts = word.split(separator: "=")
        guard parts.count == 2, let value = Int(parts[1]) else { continue }
        figures[String(parts[0])] = value
        // A reason or a verb by itself, too: `closes-displaced` as `displaced`.
        for prefix in ["closes-", "requests-", "replies-"] where parts[0].hasPrefix(prefix) {
          figures[String(parts[0].dropFirst(prefix.count))] = value
        }
      }
    }
    return figures
  }

  /// Stops the server as systemd would, and returns its exit code.
  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Resident memory in KiB.
  var residentKiB: Int {
    let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
  }

  /// The number of open descriptors.
  var descriptorCount: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/fd").count) ?? 0
  }

  private static func wait(for text: String, in log: URL, _ process: Process) throws -> String {
    let deadline = Date() + TestClient.seconds
    while Date() < deadline {
      let content = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      if let line = content.split(separator: "\n").first(where: { $0.contains(text) }), content.hasSuffix("\n") {
        return String(line)
      }
      try #require(process.isRunning || content.contains(text), "ssmpd has ended: \(content)")
      usleep(5_000)
    }
    throw TestFailure("'\(text)' was not logged")
  }
}

/// A test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Runs ssmpd, or another program, to its end, and returns what it wrote and its exit code.
func runToEnd(
  _ arguments: [String], _ program: URL = ServerProcess.binary, environment: [String: String] = [:]
) throws -> (output: String, errors: String, code: Int32) {
  let process = Process()
  let output = Pipe()
  let errors = Pipe()
  process.executableURL = program
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let written = output.fileHandleForReading.readDataToEndOfFile()
  let complained = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (
    String(decoding: written, as: UTF8.self), String(decoding: complained, as: UTF8.self), process.terminationStatus
  )
}
