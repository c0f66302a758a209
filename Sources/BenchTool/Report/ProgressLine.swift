// The line that changes while a run goes on.

import CommandLineTools
import Glibc

/// Shows on standard error what is going on, where that is a terminal.
final class ProgressLine {
  private let plan: Plan
  private let isShown = isatty(STDERR_FILENO) == 1
  private var lastTime: UInt64 = 0
  private var lastEvents: UInt64 = 0

  init(_ plan: Plan) {
    self.plan = plan
  }

  /// Replaces the line, a few times a second at most.
  func show(_ text: @autoclosure () -> String) {
    guard isShown, Clock.now() - lastTime > 200_000_000 else { return }
    lastTime = Clock.now()
    put("\r\u{1b}[K\(text())")
  }

  /// Shows how many messages come.
  func show(_ shared: Shared) {
    guard isShown, Clock.now() - lastTime > 200_000_000 else { return }
    let events = shared.total.events
    let seconds = Double(Clock.now() - lastTime) / 1e9
    let rate = Double(events - min(events, lastEvents)) / max(seconds, 0.001)
    lastEvents = events
    show("\(plan.scenario.rawValue): \(events) received, \(Format.number(rate))/s")
  }

  /// Removes the line.
  func clear() {
    if isShown { put("\r\u{1b}[K") }
  }

  private func put(_ text: String) {
    Output.writeError(text)
  }
}
