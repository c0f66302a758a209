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

  @Test("The rest of what has repeated is told an interval after the last line, and once; at the end before that")
  func rest() {
    func rest(_ message: inout RepeatedMessage, _ time: UInt32, _ isEnd: Bool = false) -> Int? {
      message.rest(Ticks(time), isEnd)
    }
    var message = RepeatedMessage()
    #expect(rest(&message, 5) == nil && !message.isOwing)
    for number in 0..<1976 { #expect((message.occur(now: Ticks(5)) == 1) == (number == 0)) }
    #expect(message.isOwing)
    #expect(rest(&message, 5 + Tuning.logInterval - 1) == nil)
    #expect(rest(&message, 5 + Tuning.logInterval) == 1975)
    #expect(rest(&message, 5 + 9 * Tuning.logInterval) == nil && !message.isOwing)
    #expect(message.occur(now: Ticks(5 + Tuning.logInterval + 1)) == nil)
    #expect(rest(&message, 5 + Tuning.logInterval + 2, true) == 1)
  }

  @Test("Chores are due when the soonest of them is, once")
  func chores() {
    func take(_ chores: inout Chores, _ time: UInt32) -> Bool { chores.take(now: Ticks(time)) }
    var chores = Chores()
    #expect(chores.remaining(now: Ticks(7)) == nil && !take(&chores, 7))
    chores.plan(in: 1000, now: Ticks(.max))
    chores.plan(in: 5000, now: Ticks(0))
    #expect(chores.remaining(now: Ticks(0)) == 999)
    chores.plan(in: 100, now: Ticks(0))
    #expect(chores.remaining(now: Ticks(99)) == 1 && !take(&chores, 99))
    #expect(take(&chores, 100) && !take(&chores, 100))
    #expect(chores.remaining(now: Ticks(100)) == nil)
  }

  @Test("A message that repeats does so, too, when the clock begins anew")
  func repeatedAcrossWrap() {
    var message = RepeatedMessage()
    #expect(message.occur(now: Ticks(.max)) == 1)
    #expect(message.occur(now: Ticks(Tuning.logInterval - 2)) == nil)
    #expect(message.occur(now: Ticks(Tuning.logInterval - 1)) == 2)
  }
}
