// What the server tells systemd about itself.

import CommandLineTools
import Glibc
import SSMPTransport

/// Reports to systemd, in the words of sd_notify(3): that the server is ready, what it is doing, that it reloads or goes
/// down, and, where a watchdog waits for it, that all of its loops live.
///
/// A thread of its own does that, so no loop ever waits for systemd. It exists only where `NOTIFY_SOCKET` is set.
final class ServiceReporter: Sendable {
  let rollCall: RollCall
  private let socket: DatagramSocket
  private let log: Log
  /// How long to wait between two calls of the roll, in milliseconds.
  private let interval: UInt32
  private let hasWatchdog: Bool
  private let state = Locked(State())

  private static let ready = "READY=1"
  private static let reloading = "RELOADING=1"

  private struct State {
    /// What waits to be sent, in order.
    var messages: [String] = []
    /// The reloads that were asked for, and those of them that have been reported as done.
    var reloadsAsked = 0
    var reloadsDone = 0
    var lastReloadFailed = false
    var isStopping = false
    /// The loops have ended, and there is nothing left to report.
    var isOver = false
  }

  /// - Parameters:
  ///   - address: where systemd listens: a path, or `@` and an abstract name.
  ///   - watchdog: the microseconds within which it waits for a sign of life, if it does.
  init(address: String, watchdog: UInt64?, loops: Int, log: Log) throws {
    guard let socket = try DatagramSocket(to: address) else {
      throw SystemdEnvironment.fault(
        "NOTIFY_SOCKET", address, accepted: "the path of a unix socket, or @ and an abstract name")
    }
    self.socket = socket
    self.log = log
    rollCall = try RollCall(loops: loops)
    hasWatchdog = watchdog != nil
    // A sign of life at half the time leaves the loops the other half to answer.
    let half = watchdog.map { UInt32(clamping: max(1, $0 / 2000)) } ?? .max
    interval = min(half, Tuning.statusInterval)
  }

  /// Somebody asked for a reload. Returns how many have by now: those that a reload that begins now takes care of.
  func reloadAsked() -> Int {
    let asked = state.withLock { state in
      state.reloadsAsked += 1
      // What waits because systemd does not read must not pile up: of several reloads it is told of the last one.
      state.messages.removeAll { $0.hasPrefix(Self.reloading) || $0 == Self.ready }
      state.messages.append("\(Self.reloading)\nMONOTONIC_USEC=\(MonotonicTime.nanoseconds() / 1000)")
      return state.reloadsAsked
    }
    rollCall.completed.signal()
    return asked
  }

  /// The number of reloads that were asked for.
  var reloadsAsked: Int { state.withLock { $0.reloadsAsked } }

  /// A reload is over, which took care of the first `number` that were asked for. The server is as ready as before, whether
  /// it has changed anything or not.
  func reloadEnded(_ number: Int, failed: Bool) {
    state.withLock { state in
      state.lastReloadFailed = failed
      guard number == state.reloadsAsked, number > state.reloadsDone else { return }
      state.reloadsDone = number
      state.messages.append(Self.ready)
    }
    rollCall.completed.signal()
  }

  /// The server goes down, which may take up to `milliseconds`.
  func stopping(within milliseconds: UInt32) {
    let isNews = state.withLock { state in
      guard !state.isStopping else { return false }
      state.isStopping = true
      state.messages.append("STOPPING=1\nSTATUS=Going down\nEXTEND_TIMEOUT_USEC=\(UInt64(milliseconds) * 1000)")
      return true
    }
    if isNews { rollCall.completed.signal() }
  }

  /// All loops have ended: what waits is sent, and `run` returns.
  func end() {
    state.withLock { $0.isOver = true }
    rollCall.completed.signal()
  }

  /// Reports until `end`.
  ///
  /// - Parameters:
  ///   - connections: the number of connections.
  ///   - wakeLoops: wakes all loops, so that those answer that have nothing to do.
  func run(connections: () -> Int, wakeLoops: () -> Void) throws(SystemError) {
    let poller = try Poller()
    try poller.addLevelTriggered(rollCall.completed.descriptor, token: 0)
    var called = Ticks.now()
    var answered = 0
    var status = StatusLine()
    var failures = RepeatedMessage()
    // The first call was made before there were loops, and those without connections wait for something to happen.
    wakeLoops()
    while true {
      let isOver = state.withLock { $0.isOver }
      if answered != rollCall.current, rollCall.isComplete {
        // All of them have made a turn since the roll was called.
        let isFirst = answered == 0
        answered = rollCall.current
        var lines = isFirst ? [Self.ready] : []
        if hasWatchdog { lines.append("WATCHDOG=1") }
        if let line = status.next(describe(connections()), now: .now()) { lines.append("STATUS=\(line)") }
        if !lines.isEmpty { send(lines.joined(separator: "\n"), &failures) }
      }
      // Being ready comes before everything else.
      if answered > 0 || isOver { for message in takeMessages() { send(message, &failures) } }
      if isOver { return }
      let passed = Ticks.now().since(called)
      if passed >= interval {
        called = .now()
        // If the roll call is not complete, there is no new one: loops that have not answered are
        // not asked again.
        if answered == rollCall.current {
          rollCall.next()
          wakeLoops()
        }
      }
      if poller.wait(milliseconds: passed >= interval ? interval : interval - passed) > 0 { rollCall.completed.clear() }
    }
  }

  private func takeMessages() -> [String] {
    state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// The server in one line, for `systemctl status`.
  private func describe(_ connections: Int) -> String {
    let counts = rollCall.counts
    let (isStopping, lastReloadFailed) = state.withLock { ($0.isStopping, $0.lastReloadFailed) }
    return (isStopping ? "Going down: " : "")
      + "\(connections) connections, \(counts.clients) logged in, \(counts.topics) topics"
      + (lastReloadFailed ? "; the last reload failed, and what was in force still is" : "")
  }

  private func send(_ text: String, _ failures: inout RepeatedMessage) {
    do throws(SystemError) {
      try socket.send(text)
      if let count = failures.rest(.now()) { log.write(.warning, "systemd unreachable count=\(count)") }
    } catch {
      guard let count = failures.occur(now: .now()) else { return }
      log.write(.warning, "systemd unreachable because=\("\(error)".quoted) count=\(count)")
    }
  }
}

/// A line that is worth sending only when it has changed, and not too often.
struct StatusLine {
  private var sent: (line: String, at: Ticks)?

  /// The line, if it is to be sent now.
  mutating func next(_ line: String, now: Ticks) -> String? {
    if let sent {
      // A timer may be a little early. What is not sent for weeks is no less due then, so this is no `since`.
      let passed = now.milliseconds &- sent.at.milliseconds
      guard sent.line != line, passed >= Tuning.statusInterval * 9 / 10 else { return nil }
    }
    sent = (line, now)
    return line
  }
}
