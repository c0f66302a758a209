// A directory of ssmp fs, for one test.

import Foundation
import Testing

/// A running `ssmp fs`, and its directory `d` in a folder of the test's own.
final class DirectoryUnderTest: @unchecked Sendable {
  /// The folder that `d` is in.
  let folder: String
  private(set) var tool: ToolProcess
  private let server: ServerProcess

  /// Starts `ssmp -i amy fs d`, and waits until it is online.
  ///
  /// - Parameters:
  ///   - options: options behind `fs`.
  ///   - topics: what it subscribes to.
  ///   - prelude: what a shell does first, which then becomes `ssmp`.
  ///   - common: options in front of `fs`.
  init(
    _ options: [String] = [], topics: [String] = [], server: ServerProcess, after prelude: String? = nil,
    common: [String] = []
  ) throws {
    folder = TemporaryFile.newPath()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    self.server = server
    tool = try Self.start(folder, options, topics, server, prelude, common)
    try waitFor("online", in: "state")
  }

  private static func start(
    _ folder: String, _ options: [String], _ topics: [String], _ server: ServerProcess, _ prelude: String?,
    _ common: [String]
  ) throws -> ToolProcess {
    try ToolProcess(
      ["-i", "amy"] + common + ["fs"] + options + ["\(folder)/d"] + topics, server: server, after: prelude)
  }

  deinit {
    kill(tool.process.processIdentifier, SIGKILL)
    tool.process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Ends the program with a signal, and starts it once more with the directory that it has left behind.
  func restart(_ number: Int32, topics: [String] = []) throws {
    tool.signal(number)
    #expect(try tool.end() == (number == SIGKILL ? -1 : 128 + number))
    // A program that was killed has left "online" in it.
    try FileManager.default.removeItem(atPath: "\(folder)/d/state")
    tool = try Self.start(folder, [], topics, server, nil, [])
    try waitFor("online", in: "state")
  }

  /// Runs lines of shell in `d`; fails if they fail, or do not end.
  @discardableResult
  func shell(_ script: String) throws -> String {
    let result = try runToEnd(
      ["60", "/bin/sh", "-ec", "cd \"$0\"; \(script)", "\(folder)/d"], URL(fileURLWithPath: "/usr/bin/timeout"))
    #expect(result.code == 0, "\(script): \(result.errors)")
    return result.output
  }

  /// The content of a file in `d`; nothing if there is none.
  func content(_ path: String) -> String {
    guard let data = FileManager.default.contents(atPath: "\(folder)/d/\(path)") else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  /// The lines of a file in `d`, without the times.
  func lines(_ path: String) -> [String] {
    content(path).split(separator: "\n").map { String($0.drop { $0 != " " }.dropFirst()) }
  }

  /// The names in a folder of `d`.
  func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/d/\(path)")) ?? []).sorted()
  }

  /// Waits until a file in `d` contains this.
  func waitFor(_ part: String, in path: String) throws {
    try wait("'\(part)' in \(path)") { self.content(path).contains(part) }
  }

  /// Waits until something is so.
  func wait(_ what: String, _ isTrue: () -> Bool) throws {
    let deadline = Date() + TestClient.seconds
    while !isTrue() {
      try #require(Date() < deadline, "\(what) did not come; \(tool.errorText.suffix(500))")
      usleep(3000)
    }
  }
}
