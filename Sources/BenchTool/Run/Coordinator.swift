// The course of a run.

import CommandLineTools
import Glibc
import SSMPTransport
import Synchronization

/// Starts the loops, takes them through the phases, and reads the figures at the right moments.
final class Coordinator {
  private let plan: Plan
  private let shared: Shared
  private let progress: ProgressLine
  private var options: BenchOptions { plan.options }

  /// Without progress for so long, connecting or waiting for what is missing is given up: longer than a busy machine
  /// ever lets a server stand still.
  private static let patience: UInt64 = 10_000_000_000

  init(_ plan: Plan) throws {
    self.plan = plan
    shared = try Shared(plan)
    progress = ProgressLine(plan)
  }

  /// Runs the scenario.
  func run() throws -> Outcome {
    SignalSource.ignoreBrokenPipes()
    _ = DescriptorLimit.raise()
    var outcome = Outcome(plan)
    outcome.serverBefore = try serverUsage()
    let start = Clock.now()
    let loops = try startLoops()
    waitForSetup()
    outcome.setupSeconds = seconds(since: start)
    if shared.failure == nil, plan.scenario == .idle { try watchIdle(&outcome) }
    outcome.serverReady = try serverUsage()
    if shared.failure == nil { try measure(&outcome) }
    shared.phase = .done
    for loop in loops { loop.thread.join() }
    progress.clear()
    if let failure = shared.failure { throw failure }
    for loop in loops { outcome.add(loop.result.take()) }
    outcome.total = shared.total
    return outcome
  }

  private func startLoops() throws -> [(thread: Thread, result: LoopResultBox)] {
    try (0..<plan.loops).map { number in
      let result = LoopResultBox()
      let (plan, shared) = (plan, shared)
      let thread = try Thread {
        do {
          let poller = try Poller()
          try poller.addLevelTriggered(shared.inboxes[number].wakeup.descriptor, token: Worker.wakeupToken)
          var worker = Worker(number, plan, shared, poller)
          worker.run()
          result.set(worker.result)
        } catch {
          shared.fail(RunError("\(error)"))
        }
      }
      return (thread, result)
    }
  }

  private func waitForSetup() {
    var lastChange = Clock.now()
    var ready: UInt64 = 0
    while ready < UInt64(plan.connections), shared.failure == nil {
      usleep(2_000)
      let total = shared.total.ready
      if total != ready { lastChange = Clock.now() }
      ready = total
      progress.show("connecting: \(ready) of \(plan.connections)")
      if Clock.now() - lastChange > Self.patience {
        shared.fail(RunError("only \(ready) of \(plan.connections) connections got ready"))
      }
    }
  }

  /// What the server needs for connections that do nothing.
  private func watchIdle(_ outcome: inout Outcome) throws {
    // What the setup has left to do must not count as idle.
    sleep(milliseconds: 300)
    let before = try serverUsage()
    let end = Clock.now() + options.duration * 1_000_000
    while Clock.now() < end, shared.failure == nil {
      progress.show("idle: \(plan.connections) connections")
      sleep(milliseconds: 20, until: end)
    }
    if let before, let after = try serverUsage() { outcome.idleCPU = after.cpuSeconds - before.cpuSeconds }
    outcome.idleSeconds = Double(options.duration) / 1000
  }

  private func measure(_ outcome: inout Outcome) throws {
    let warm = options.warmupTime * 1_000_000
    let start = Clock.now() + warm
    shared.measuredFrom = start
    if warm > 0 {
      shared.phase = .warmup
      wait(until: start)
    }
    let first = try Reading(shared, serverUsage())
    shared.phase = .measurement
    if options.count != nil || plan.scenario == .idle {
      waitForAll(whileSending: true)
    } else {
      wait(until: Clock.now() + options.duration * 1_000_000)
    }
    outcome.set(first, try Reading(shared, serverUsage()))
    shared.phase = .draining
    waitForAll(whileSending: false)
  }

  private func wait(until end: UInt64) {
    while Clock.now() < end, shared.failure == nil {
      progress.show(shared)
      sleep(milliseconds: 20, until: end)
    }
  }

  /// Waits until all that was sent has come and has been answered, or nothing comes any more.
  private func waitForAll(whileSending isSending: Bool) {
    let quota = UInt64(plan.scenario == .idle ? options.count ?? 1 : options.count ?? 0)
    var last: UInt64 = 0
    var lastChange = Clock.now()
    var patience = Self.patience
    // A slow rate is no standstill.
    if isSending, let rate = options.rate { patience += 2_000_000_000 / UInt64(rate) }
    while shared.failure == nil {
      let total = shared.total
      let isComplete = total.delivered >= total.expected && total.answers >= total.requests
      if isComplete, !isSending || total.sent >= quota { return }
      let sum = total.delivered + total.answers + total.sent
      if sum != last { lastChange = Clock.now() }
      last = sum
      if Clock.now() - lastChange > patience { return }
      progress.show(shared)
      sleep(milliseconds: 1)
    }
  }

  private func serverUsage() throws -> ProcessUsage? {
    guard let process = options.serverProcess else { return nil }
    guard let usage = ProcessUsage(process: process) else { throw RunError("there is no process \(process)") }
    return usage
  }

  private func seconds(since start: UInt64) -> Double { Double(Clock.now() - start) / 1e9 }

  private func sleep(milliseconds: UInt64, until end: UInt64 = .max) {
    let now = Clock.now()
    guard end > now else { return }
    usleep(UInt32(min(milliseconds * 1000, (end - now) / 1000)))
  }
}

/// What a loop hands over when it has ended.
struct LoopResult: Sendable {
  var latencies = LatencyHistogram()
  var lateness = LatencyHistogram()
  /// CPU time of its thread in the measurement.
  var cpu: UInt64 = 0
}

/// A place for one result, written by one thread and read when that has ended.
final class LoopResultBox: Sendable {
  private let result = Mutex(LoopResult())

  func set(_ value: LoopResult) { result.withLock { $0 = value } }
  func take() -> LoopResult { result.withLock { $0 } }
}

extension Worker {
  /// What is known when the run is over.
  var result: LoopResult {
    LoopResult(latencies: latencies, lateness: lateness, cpu: cpuStart > 0 ? cpuEnd - cpuStart : 0)
  }
}
