// The version: what the daemon, the man pages, the package, the changelog and the docs say.

import Foundation
import Testing

@testable import ssmpd

@Suite("Release")
struct ReleaseTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The first thing in a file that this pattern captures.
  private static func first(_ pattern: Regex<(Substring, Substring)>, in path: String) throws -> String {
    let match = try #require(try text(path).firstMatch(of: pattern), "nothing in \(path) matches")
    return String(match.output.1)
  }

  @Test("The changelog begins with Unreleased and the daemon's version, and its versions are dated and descend")
  func changelog() throws {
    let headings = try Self.text("CHANGELOG.md").split(separator: "\n").filter { $0.hasPrefix("## ") }
    #expect(headings.first == "## Unreleased")
    let versions = try headings.dropFirst().map { heading in
      let parts = try #require(
        try /## ([0-9]+)\.([0-9]+)\.([0-9]+) – ([0-9]{4}-[0-9]{2}-[0-9]{2})/.wholeMatch(in: heading), "\(heading)")
      return [parts.output.1, parts.output.2, parts.output.3].compactMap { Int($0) }
    }
    #expect(versions.first?.map(String.init).joined(separator: ".") == Server.version)
    for (newer, older) in zip(versions, versions.dropFirst()) { #expect(older.lexicographicallyPrecedes(newer)) }
  }

  @Test("The man pages have the daemon's version", arguments: ["ssmpd.8", "ssmpd.conf.5"])
  func manual(page: String) throws {
    #expect(try Self.first(/\n\.Os ssmpd (.*)\n/, in: "packaging/man/\(page)") == Server.version)
  }

  @Test("The README and the example of stats have the daemon's version")
  func documents() throws {
    #expect(try Self.first(/This is version ([0-9.]+[0-9])/, in: "README.md") == Server.version)
    #expect(try Self.first(/\n    version=(\S+) pid=/, in: "docs/admin.md") == Server.version)
  }

  @Test("The newest minor version gets fixes")
  func supported() throws {
    let minor = Server.version.split(separator: ".").prefix(2).joined(separator: ".")
    #expect(try Self.first(/\| the newest minor version, ([0-9.]+) \|/, in: "SECURITY.md") == minor)
  }

  @Test("The script that names the package finds the daemon's version")
  func package() throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = Self.root.appendingPathComponent("packaging/version")
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text == "\(Server.version)\n")
  }
}
