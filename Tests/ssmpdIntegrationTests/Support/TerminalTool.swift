// The real ssmp, at a terminal.

import Foundation

/// Programs that run `ssmp` at a pseudo-terminal, which the test types into.
enum TerminalTool {
  /// The program that makes the terminal, if the machine has it.
  static let script = URL(fileURLWithPath: "/usr/bin/script")
  /// True if there can be a terminal.
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: script.path) }

  /// Starts a shell command at a terminal of its own. In it `$SSMP` is the tool, with the server.
  static func start(
    _ command: String, server: ServerProcess, environment: [String: String] = [:]
  ) throws -> ToolProcess {
    let tool = "'\(ToolProcess.binary.path)' -s tcp://127.0.0.1:\(server.port)"
    return try ToolProcess(
      ["-qec", command.replacingOccurrences(of: "$SSMP", with: tool), "/dev/null"], executable: script,
      environment: ["TERM": "xterm", "SHELL": "/bin/sh"].merging(environment) { $1 }, keepsInput: true)
  }
}
