// The figures of a run.

import CommandLineTools

/// The state of everything at one moment.
struct Reading: Sendable {
  var time = Clock.now()
  var ownCPU = Clock.process()
  var counts = WorkerCounts()
  var server: ProcessUsage?

  init() {}

  init(_ shared: Shared, _ server: ProcessUsage?) {
    counts = shared.total
    self.server = server
  }
}

/// All that a run has found.
struct Outcome: Sendable {
  let plan: Plan
  var setupSeconds = 0.0
  var serverBefore: ProcessUsage?
  var serverReady: ProcessUsage?
  var idleSeconds = 0.0
  var idleCPU: Double?
  /// The counts at the end.
  var total = WorkerCounts()
  var latencies = LatencyHistogram()
  var lateness = LatencyHistogram()
  private(set) var first = Reading()
  private(set) var last = Reading()
  /// The largest share of a core that a thread of the generator took.
  private(set) var busiest = 0.0

  init(_ plan: Plan) {
    self.plan = plan
  }

  mutating func set(_ first: Reading, _ last: Reading) {
    self.first = first
    self.last = last
  }

  mutating func add(_ loop: LoopResult) {
    latencies.add(loop.latencies)
    lateness.add(loop.lateness)
    busiest = max(busiest, Double(loop.cpu) / 1e9 / max(seconds, 1e-9))
  }

  /// The measured time.
  var seconds: Double { Double(last.time - first.time) / 1e9 }
  /// Messages sent, and events that came, in it.
  var sent: UInt64 { last.counts.sent - first.counts.sent }
  var events: UInt64 { last.counts.events - first.counts.events }
  /// TLS sessions resumed in it.
  var resumed: UInt64 { last.counts.resumed - first.counts.resumed }
  /// With `--rate`, the messages that were due in it and were not sent, since the server did not take them: what they
  /// waited is in no latency.
  var overdue: UInt64 {
    guard let rate = plan.options.rate, plan.options.count == nil else { return 0 }
    let due = UInt64(Double(rate) * seconds)
    return due > sent + due / 50 ? due - sent : 0
  }
  var ownCPU: Double { Double(last.ownCPU - first.ownCPU) / 1e9 }
  var serverCPU: Double? {
    guard let before = first.server, let after = last.server else { return nil }
    return after.cpuSeconds - before.cpuSeconds
  }
  /// Resident bytes for each connection: what was added between the first and the last of them.
  var bytesPerConnection: Double? {
    guard let before = serverBefore, let ready = serverReady else { return nil }
    return Double(ready.residentKiB - before.residentKiB) * 1024 / Double(plan.connections)
  }
  /// What was to come and did not, over the whole run.
  var lost: UInt64 { total.expected > total.delivered ? total.expected - total.delivered : 0 }
  var unanswered: UInt64 { total.requests - total.answers }
  /// True when the server did all that it has to.
  var isGood: Bool {
    lost + unanswered + total.duplicates + total.reordered + total.strange + total.refused == 0
  }
  /// True when the generator rather than the server was at its limit.
  var isGeneratorBusy: Bool { busiest > 0.9 && !plan.options.spins }
}
