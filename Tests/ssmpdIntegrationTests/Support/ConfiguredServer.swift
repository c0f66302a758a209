// An ssmpd whose settings are in a file.

import Foundation
import Testing

/// A running ssmpd with a configuration file, and a client that is logged in as `live` all the time.
final class ConfiguredServer: @unchecked Sendable {
  let file: TemporaryFile
  let server: ServerProcess
  let live: TestClient
  private let base: String

  /// - Parameters:
  ///   - settings: lines of the file, beside those that make it listen on a free port and log `info`.
  ///   - arguments: options beside `--config`.
  init(_ settings: String, _ arguments: [String] = [], base: String = ConfiguredServer.usual) throws {
    self.base = base
    file = try TemporaryFile(base + settings)
    server = try ServerProcess(["--config", file.path] + arguments, listen: nil, level: nil)
    live = try server.login("live")
  }

  static let usual = "listen tcp://127.0.0.1:0?auth=open\nlog-level info\n"

  /// Puts other settings into the file and reloads; returns the line of the log that tells of it.
  ///
  /// The client has said something after it, so what was to be adopted has been where there is one loop.
  @discardableResult
  func reload(_ settings: String, base: String? = nil) throws -> String {
    try file.write(Array(((base ?? self.base) + settings).utf8))
    return try reload()
  }

  /// Reloads the file as it is.
  @discardableResult
  func reload() throws -> String {
    func lines() -> [String] { server.logLines.filter { $0.contains(" reload ") && !$0.contains("needs-restart") } }
    let before = lines().count
    kill(server.process.processIdentifier, SIGHUP)
    try eventually("the server has reloaded") { lines().count > before }
    live.expectQuiet()
    let line = try #require(lines().last)
    return line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? line
  }
}
