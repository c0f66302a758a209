// The report for programs.

import CommandLineTools

/// The figures of a run as one JSON object; times in microseconds unless their names say otherwise.
struct JSONReport {
  let outcome: Outcome

  var text: String {
    let parts = load + measured + latency + server + own + check
    return JSON.object(parts) + "\n"
  }

  private var load: [(String, String)] {
    let (plan, options) = (outcome.plan, outcome.plan.options)
    return [
      ("scenario", JSON.string(plan.scenario.rawValue)), ("connections", "\(plan.connections)"),
      ("senders", "\(plan.senders)"), ("topics", "\(plan.topics)"), ("loops", "\(plan.loops)"),
      ("size", "\(options.size)"), ("rate", options.rate.map { "\($0)" } ?? "null"),
      ("window", options.rate == nil ? "\(options.windowSize)" : "null"),
      ("tls", "\(options.target?.usesTLS ?? false)"),
    ]
  }

  private var measured: [(String, String)] {
    let seconds = max(outcome.seconds, 1e-9)
    return [
      ("setup_seconds", number(outcome.setupSeconds)), ("seconds", number(seconds)), ("sent", "\(outcome.sent)"),
      ("events", "\(outcome.events)"), ("overdue", "\(outcome.overdue)"), ("resumed", "\(outcome.resumed)"),
      ("sent_per_second", number(Double(outcome.sent) / seconds)),
      ("events_per_second", number(Double(outcome.events) / seconds)),
    ]
  }

  private var latency: [(String, String)] {
    let histogram = outcome.latencies
    let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99_9", 0.999)]
    return shares.map { ("latency_\($0.0)", microseconds(histogram.percentile($0.1))) } + [
      ("latency_max", microseconds(histogram.maximum)), ("latency_count", "\(histogram.count)"),
      ("late_max", microseconds(outcome.lateness.maximum)),
    ]
  }

  private var server: [(String, String)] {
    guard let cpu = outcome.serverCPU, let usage = outcome.last.server else { return [] }
    return [
      ("server_cpu_seconds", number(cpu)),
      ("events_per_server_cpu_second", cpu > 0 ? number(Double(outcome.events) / cpu) : "null"),
      ("server_resident_kib", "\(usage.residentKiB)"), ("server_peak_kib", "\(usage.peakKiB)"),
      ("server_bytes_per_connection", outcome.bytesPerConnection.map(number) ?? "null"),
      ("server_idle_cpu_seconds", outcome.idleCPU.map(number) ?? "null"),
    ]
  }

  private var own: [(String, String)] {
    let cpu = outcome.ownCPU
    return [
      ("generator_cpu_seconds", number(cpu)), ("generator_busiest_thread", number(outcome.busiest)),
      ("events_per_generator_cpu_second", cpu > 0 ? number(Double(outcome.events) / cpu) : "null"),
      ("generator_busy", "\(outcome.isGeneratorBusy)"),
    ]
  }

  private var check: [(String, String)] {
    let total = outcome.total
    return [
      ("lost", "\(outcome.lost)"), ("duplicates", "\(total.duplicates)"), ("reordered", "\(total.reordered)"),
      ("strange", "\(total.strange)"), ("refused", "\(total.refused)"), ("unanswered", "\(outcome.unanswered)"),
      ("ok", "\(outcome.isGood)"),
    ]
  }

  private func number(_ value: Double) -> String { Format.fixed(value, 3) }
  private func microseconds(_ nanoseconds: UInt64) -> String { Format.fixed(Double(nanoseconds) / 1000, 3) }
}
