// Levels, and messages that repeat.

import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Logging")
struct LoggingTests {
  @Test("Levels have the numbers of syslog, and are found by their names alone")
  func levels() {
    let names = LogLevel.allCases.map(\.name)
    #expect(names == ["error", "warning", "notice", "info", "debug"])
    #expect(LogLevel.allCases.map(\.rawValue) == [3, 4, 5, 6, 7])
    for level in LogLevel.allCases { #expect(LogLevel(name: level.name) == level) }
    for name in ["", "Error", "warn", "trace", "5"] { #expect(LogLevel(name: name) == nil) }
    #expect(LogLevel.error < LogLevel.debug)
  }

  @Test("A log writes its own level and what is more important")
  func threshold() {
    let log = Log(level: .notice)
    #expect(log.isEnabled(.error) && log.isEnabled(.notice))
    #expect(!log.isEnabled(.info) && !log.isEnabled(.debug))
  }

  @Test("The text of a line that is not written is not made")
  func lazyText() {
    var made = 0
    func text() -> String {
      made += 1
      return ""
    }
    Log(level: .error).write(.debug, text())
    #expect(made == 0)
  }

  @Test("A message that repeats comes at once, and then once in an interval, with the number of those in between")
  func repeated() {
    var message = RepeatedMessage()
    let start = Ticks(5)
    #expect(message.occur(now: start) == 1)
    #expect(message.occur(now: start) == nil)
    #expect(message.occur(now: Ticks(5 + Tuning.logInterval - 1)) == nil)
    #expect(message.occur(now: Ticks(5 + Tuning.logInterval)) == 3)
    #expect(message.occur(now: Ticks(5 + Tuning.logInterval + 1)) == nil)
    #expect(message.occur(now: Ticks(5 + 3 * Tuning.logInterval)) == 2)
  }

  @Test("A message that repeats does so, too, when the clock begins anew")
  func repeatedAcrossWrap() {
    var message = RepeatedMessage()
    #expect(message.occur(now: Ticks(.max)) == 1)
    #expect(message.occur(now: Ticks(Tuning.logInterval - 2)) == nil)
    #expect(message.occur(now: Ticks(Tuning.logInterval - 1)) == 2)
  }
}
