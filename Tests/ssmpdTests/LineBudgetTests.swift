// Lines that anybody can bring about.

import Testing

@testable import ssmpd

@Suite("Line budget")
struct LineBudgetTests {
  /// How many of `count` lines that are wanted at once are written.
  private func written(_ budget: inout LineBudget, _ count: Int, seconds: UInt32) -> Int {
    (0..<count).count { _ in budget.take(seconds: seconds) != nil }
  }

  private func take(_ budget: inout LineBudget, _ seconds: UInt32) -> Int? { budget.take(seconds: seconds) }

  @Test("A burst is let through at once, then so many a second, and never more than a burst")
  func rate() {
    var budget = LineBudget()
    #expect(written(&budget, 1000, seconds: 7) == 20)
    #expect(written(&budget, 1000, seconds: 7) == 0)
    #expect(written(&budget, 1000, seconds: 8) == 5)
    #expect(written(&budget, 1000, seconds: 10) == 10)
    #expect(written(&budget, 1000, seconds: 100_000) == 20)
  }

  @Test("The next line that is let through is told of how many were not")
  func suppressed() {
    var budget = LineBudget()
    for _ in 0..<20 { #expect(take(&budget, 1) == 0) }
    for _ in 0..<13 { #expect(take(&budget, 1) == nil) }
    #expect(take(&budget, 2) == 13)
    #expect(take(&budget, 2) == 0)
  }

  @Test("What was held back is told once nobody has asked for a line for a while, and once")
  func rest() {
    func rest(_ budget: inout LineBudget, _ seconds: UInt32, _ isEnd: Bool = false) -> Int? {
      budget.rest(seconds: seconds, isEnd)
    }
    var budget = LineBudget()
    for _ in 0..<20 { #expect(take(&budget, 1) == 0) }
    #expect(!budget.isOwing && rest(&budget, 100) == nil)
    for _ in 0..<1956 { #expect(take(&budget, 1) == nil) }
    #expect(budget.isOwing && rest(&budget, 2) == nil)
    #expect(rest(&budget, 5) == 1956)
    #expect(!budget.isOwing && rest(&budget, 6) == nil)
    for _ in 0..<50 { _ = take(&budget, 6) }
    #expect(rest(&budget, 6, true) == 30)
  }

  @Test("Time that has stood still for years, or begins anew, does no harm")
  func wrap() {
    var budget = LineBudget()
    #expect(written(&budget, 30, seconds: .max) == 20)
    #expect(written(&budget, 30, seconds: 0) == 5)
    #expect(written(&budget, 30, seconds: 1 << 31) == 20)
  }
}
