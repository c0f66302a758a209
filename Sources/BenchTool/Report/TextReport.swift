// The report for a terminal.

import CommandLineTools

/// The figures of a run as lines of text.
struct TextReport {
  let outcome: Outcome
  private var plan: Plan { outcome.plan }
  private var options: BenchOptions { plan.options }

  var text: String {
    var lines = [title, row("setup", "\(plan.connections) connections in \(Format.fixed(outcome.setupSeconds, 3)) s")]
    lines += idle + throughput + latency + server + own
    lines.append(row("check", check))
    if outcome.isGeneratorBusy {
      lines.append("The generator was at its limit: more --loops, or take the figures as lower bounds.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var title: String {
    var text = "\(plan.scenario.rawValue): \(plan.connections) connections"
    if plan.senders > 0 { text += ", \(plan.senders) senders" }
    if [.multicast, .broadcast, .mixed].contains(plan.scenario) { text += ", \(plan.topics) topics" }
    if plan.lanes > 0, plan.scenario != .presence { text += ", \(options.size) bytes" }
    if let rate = options.rate {
      text += ", \(rate)/s"
    } else if plan.senders > 0 {
      text += ", window \(options.windowSize)"
    }
    return text + ", \(options.loops) loop\(options.loops == 1 ? "" : "s")"
  }

  private func row(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 12 - name.count)) + value
  }

  private var idle: [String] {
    guard plan.scenario == .idle else { return [] }
    var lines: [String] = []
    if let bytes = outcome.bytesPerConnection {
      lines.append(row("memory", "\(Format.number(bytes)) bytes of the server's a connection"))
    }
    if let cpu = outcome.idleCPU {
      lines.append(
        row("idle", "\(Format.fixed(cpu, 2)) s of the server's CPU in \(Format.fixed(outcome.idleSeconds, 1)) s"))
    }
    lines.append(row("last one", "reached after \(Format.time(nanoseconds: outcome.latencies.maximum))"))
    return lines
  }

  private var throughput: [String] {
    let seconds = max(outcome.seconds, 1e-9)
    let received = Format.number(Double(outcome.events) / seconds)
    let what = plan.scenario == .connect ? "connections" : "events"
    var lines = [row("received", "\(received) \(what)/s  (\(outcome.events) in \(Format.fixed(seconds, 2)) s)")]
    if options.resumes { lines.append(row("resumed", "\(outcome.resumed) TLS sessions")) }
    guard plan.scenario != .connect else { return lines }
    let unit = plan.scenario == .presence ? "changes" : "messages"
    lines.append(row("sent", "\(Format.number(Double(outcome.sent) / seconds)) \(unit)/s"))
    if outcome.overdue > 0 {
      lines.append(row("", "fell behind: \(outcome.overdue) messages that were due could not be sent"))
    }
    return lines
  }

  private var latency: [String] {
    let histogram = outcome.latencies
    guard histogram.count > 0 else { return [] }
    let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]
    var parts = shares.map { "\($0.0) \(Format.time(nanoseconds: histogram.percentile($0.1)))" }
    parts.append("max \(Format.time(nanoseconds: histogram.maximum))")
    var lines = [row("latency", parts.joined(separator: "  "))] + HistogramChart(histogram).lines
    if options.rate != nil {
      let late = outcome.lateness
      lines.append(
        row(
          "sent late",
          "p99 \(Format.time(nanoseconds: late.percentile(0.99)))  "
            + "max \(Format.time(nanoseconds: late.maximum))  (part of the latency)"))
    }
    return lines
  }

  private var server: [String] {
    guard let cpu = outcome.serverCPU, let usage = outcome.last.server else { return [] }
    let share = cpu / max(outcome.seconds, 1e-9)
    let perSecond = cpu > 0 ? Format.number(Double(outcome.events) / cpu) : "-"
    return [
      row("server", "\(Format.fixed(cpu, 2)) s CPU (\(Format.fixed(share, 2)) cores)  \(perSecond) events/CPU-s"),
      row("", "\(Format.number(Double(usage.residentKiB))) KiB resident, \(usage.peakKiB) KiB at most"),
    ]
  }

  private var own: [String] {
    let cpu = outcome.ownCPU
    let perSecond = cpu > 0 ? Format.number(Double(outcome.events) / cpu) : "-"
    return [
      row(
        "generator",
        "\(Format.fixed(cpu, 2)) s CPU (busiest thread \(Format.fixed(outcome.busiest, 2)) cores)  "
          + "\(perSecond) events/CPU-s")
    ]
  }

  private var check: String {
    guard !outcome.isGood else { return "ok: all came, once, in order" }
    let total = outcome.total
    let figures = [
      (outcome.lost, "lost"), (total.duplicates, "twice"), (total.reordered, "out of order"),
      (total.strange, "not for their recipient"), (total.refused, "refused"), (outcome.unanswered, "not answered"),
    ]
    return "FAILED: " + figures.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
