// The version that the binary has to report.

import Foundation
import Testing

enum Release {
  /// The newest version that the changelog has a date for.
  static var version: String {
    get throws {
      let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("CHANGELOG.md")
      let text = try String(contentsOf: page, encoding: .utf8)
      return String(try #require(text.firstMatch(of: #/\n## ([0-9.]+) – /#), "the changelog has no version").output.1)
    }
  }
}
