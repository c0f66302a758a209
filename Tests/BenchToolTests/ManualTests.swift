// The man page of ssmp-bench, held against its tables.

import Foundation
import Testing

@testable import BenchTool

@Suite("Man page of ssmp-bench")
struct ManualTests {
  @Test("It has every scenario and every option")
  func everything() {
    let page = BenchManual.text.replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\&", with: "")
    for scenario in Scenario.allCases { #expect(page.contains("\n.It Cm \(scenario.rawValue)\n")) }
    for option in BenchOptions.load + BenchOptions.login + BenchOptions.running {
      #expect(page.contains("\n.It Cm --\(option.name)"), "\(option.name)")
    }
  }
}
