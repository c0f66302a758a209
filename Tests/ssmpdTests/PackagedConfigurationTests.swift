// The configuration file that is installed, and the page about it, are complete and right.

import Foundation
import Testing

@testable import ssmpd

@Suite("Packaged configuration")
struct PackagedConfigurationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static var settings: [Option] { Option.all.filter { $0.change != .notASetting } }

  /// The lines of the file that are settings, or would be without the `#` in front. What is a comment has a blank behind it.
  private static func lines() throws -> [(name: String, line: String, isActive: Bool)] {
    try text("packaging/ssmpd.conf").split(separator: "\n").filter { !$0.hasPrefix("# ") }.map { line in
      let bare = String(line.drop { $0 == "#" })
      return (String(bare.prefix { $0 != " " }), bare, !line.hasPrefix("#"))
    }
  }

  @Test("The file has every setting once, in the order of the help, each with its explanation before it")
  func complete() throws {
    #expect(try Self.lines().map(\.name) == Self.settings.map(\.name))
    let all = try Self.text("packaging/ssmpd.conf").split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in all.enumerated() where !line.isEmpty && !line.hasPrefix("# ") {
      #expect(all[number - 1].hasPrefix("# "), "\(line)")
    }
  }

  @Test("The file is read without a fault, as it is and with every comment made a setting")
  func readable() throws {
    let file = try ConfigurationFile("ssmpd.conf", Array(try Self.text("packaging/ssmpd.conf").utf8))
    let asItIs = try Configuration(file, overriddenBy: [])
    try asItIs.validate()
    #expect(asItIs.changes(from: Configuration()) == ["cert", "key", "cacert", "admin"])
    #expect(asItIs.admin == "/run/ssmpd/admin.sock")
    for path in [asItIs.certificateFile, asItIs.keyFile, asItIs.authoritiesFile] {
      #expect(path?.hasPrefix("/etc/ssmpd/") == true)
    }
    let everything = try Self.lines().map(\.line).joined(separator: "\n")
    try Configuration(try ConfigurationFile("ssmpd.conf", Array(everything.utf8)), overriddenBy: []).validate()
  }

  @Test("What is a comment is the default, but for settings that have none")
  func defaults() throws {
    let examples = [
      "secret-file", "access", "crl", "ticket-keys", "max-connections", "max-waiting-per-address", "metrics",
    ]
    let commented = try Self.lines().filter { !$0.isActive && !examples.contains($0.name) }
    let file = try ConfigurationFile("ssmpd.conf", Array(commented.map(\.line).joined(separator: "\n").utf8))
    let configuration = try Configuration(file, overriddenBy: [])
    #expect(configuration.listeners == [.standard])
    #expect(configuration.changes(from: Configuration()).filter { $0 != "listen" } == [])
  }

  @Test("The page has a row for every setting, which says when a change is in force")
  func page() throws {
    let rows = try Self.text("docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    let wanted = Self.settings.map {
      "| `\($0.name)` | after a \($0.change == .reloadable ? "reload" : "restart") |"
    }
    #expect(rows.count == wanted.count)
    for (row, start) in zip(rows, wanted) { #expect(row.hasPrefix(start)) }
  }
}
