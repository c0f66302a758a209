// That every log line, and every reason, is in docs/logs.md.

import Foundation
import SSMPCore
import Testing

@testable import ssmpd

@Suite("Table of log lines")
struct LogTableTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The cells of the rows of the tables below a heading of docs/logs.md.
  private func rows(_ heading: String) throws -> [[String]] {
    let text = try String(contentsOf: Self.root.appendingPathComponent("docs/logs.md"), encoding: .utf8)
    let parts = text.components(separatedBy: "\n## ")
    let part = try #require(parts.first { $0.hasPrefix(heading) })
    let rows = part.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    return rows.map { row in
      row.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The texts between backticks.
  private func spans(_ cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  /// The words of a line before its first `key=value`.
  private func subject(_ line: some StringProtocol) -> String {
    line.split(separator: " ").prefix { !$0.contains("=") && $0 != "…" }.joined(separator: " ")
  }

  private struct Line {
    let subject: String
    /// True when what follows the subject is put together elsewhere.
    let isOpen: Bool
    /// The level, where the source names one.
    let level: String?
    let place: String
  }

  /// Every line that the sources of the daemon write.
  private func written() throws -> [Line] {
    let folder = Self.root.appendingPathComponent("Sources/ssmpd")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var lines: [Line] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let source = try String(contentsOf: file, encoding: .utf8)
      // A call that does not begin with a level and a literal would be no match, and is counted below.
      for call in source.matches(of: /(?:log\.write|emit)\(\s*([\w.]+),\s*"([^"\\]*)(["\\])/) {
        let text = String(call.output.2)
        let level = call.output.1.hasPrefix(".") ? String(call.output.1.dropFirst()) : nil
        let isOpen = call.output.3 == "\\" && !text.contains("=")
        lines.append(Line(subject: subject(text), isOpen: isOpen, level: level, place: file.lastPathComponent))
      }
      let calls = source.matches(of: /log\.write\(/).count
      let literal = source.matches(of: /log\.write\(\s*[\w.]+,\s*"/).count
      #expect(calls == literal, "\(file.lastPathComponent) writes a line whose subject cannot be seen")
    }
    return lines
  }

  @Test("Every line that the daemon can write is in the table, with its level, and none that it cannot")
  func lines() throws {
    var documented: [(subject: String, levels: String)] = []
    for row in try rows("Every line") {
      // Rows that speak of the same line as the one before have no text of their own.
      let subjects = row[0].hasPrefix("`") ? spans(row[0]).map { subject($0) } : documented.suffix(3).map(\.subject)
      documented += subjects.map { ($0, row[1]) }
    }
    let written = try written()
    #expect(written.count > 20)
    func fits(_ line: Line, _ subject: String) -> Bool {
      subject == line.subject || line.isOpen && subject.hasPrefix(line.subject)
    }
    for line in written {
      let rows = documented.filter { fits(line, $0.subject) }
      #expect(!rows.isEmpty, "'\(line.subject)' of \(line.place) is not in docs/logs.md")
      if let level = line.level {
        #expect(rows.contains { $0.levels.contains(level) }, "'\(line.subject)' of \(line.place) is logged as \(level)")
      }
    }
    for entry in documented {
      #expect(written.contains { fits($0, entry.subject) }, "'\(entry.subject)' of docs/logs.md is never written")
    }
  }

  @Test("Every reason why a connection is closed is in the table, with its level")
  func closeReasons() throws {
    let rows = try rows("Every reason")
    #expect(rows.map { spans($0[0]).first } == CloseReason.allCases.map { "\($0.name)" })
    for (row, reason) in zip(rows, CloseReason.allCases) where reason != .shutdown {
      #expect(row[1].contains(reason.logLevel.name), "\(reason.name) is logged as \(reason.logLevel.name)")
      #expect(!row[2].isEmpty)
    }
  }

  @Test("Every reason why a login fails is in the table")
  func refusals() throws {
    let names = try rows("Failed logins").map { spans($0[0]).first }
    #expect(names == LoginRefusal.allCases.map { "\($0.label)" } + ["certificate"])
  }
}
