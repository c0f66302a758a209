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
    let rows = try Self.text("docs/configuration.md").split(separator: "\n").filter { $0.contains("` | after a ") }
    let wanted = Self.settings.map {
      "| `\($0.name)` | after a \($0.change == .reloadable ? "reload" : "restart") |"
    }
    #expect(rows.count == wanted.count)
    for (row, start) in zip(rows, wanted) { #expect(row.hasPrefix(start)) }
  }

  /// Whether a value by itself is accepted.
  private static func accepts(_ name: String, _ value: String) -> Bool {
    guard let option = Option.all.first(where: { $0.name == name }) else { return false }
    var configuration = Configuration()
    return (try? option.apply(value, to: &configuration)) != nil
  }

  /// The value with its number changed and its unit kept.
  private static func changed(_ value: String, by difference: Int) -> String {
    let number = value.prefix { $0.isNumber }
    return "\((Int(number) ?? 0) + difference)\(value.dropFirst(number.count))"
  }

  @Test("The page says what is accepted at least and at most")
  func ranges() throws {
    let page = try Self.text("docs/configuration.md").components(separatedBy: "## What is accepted").last ?? ""
    let rows = page.prefix { $0 != "#" }.split(separator: "\n").filter { $0.hasPrefix("| `") }
    var found: Set<String> = []
    for row in rows {
      let cells = row.components(separatedBy: " | ").map { $0.components(separatedBy: "`") }
      let (names, least, most) = (stride(from: 1, to: cells[0].count, by: 2), cells[1][1], cells[2][1])
      for name in names.map({ cells[0][$0] }) {
        #expect(Self.accepts(name, least) && Self.accepts(name, most), "\(name)")
        #expect(!Self.accepts(name, Self.changed(most, by: 1)), "\(name)")
        #expect(least == "0" || !Self.accepts(name, Self.changed(least, by: -1)), "\(name)")
        found.insert(name)
      }
    }
    // All settings with a time, a size or a number.
    let measured = Option.all.filter {
      if case .value(let placeholder, _) = $0.effect { return ["TIME", "SIZE", "N"].contains(placeholder) }
      return false
    }
    #expect(found == Set(measured.map(\.name)))
  }
}
