// Figures of a server, and their rates.

import CommandLineTools

/// What two looks at a server tell. Rates are per second; they are `nil` after the first look, and after a restart.
struct ServerFigures: Sendable {
  /// An event loop.
  struct Loop: Equatable, Sendable {
    var number: Int
    var isStuck: Bool
    /// The share of the time that it has worked.
    var busy: Double?
  }

  var version = ""
  /// How long the server has run, in seconds.
  var seconds = 0.0
  var loops: [Loop] = []
  var memory = 0.0
  var pending = 0.0
  var pendingLimit = 0.0
  var connections = 0.0
  var loggedIn = 0.0
  var topics = 0.0
  var subscriptions = 0.0
  var congested = 0.0
  var isDraining = false
  var hasFailedReload = false

  /// UCAST, MCAST and BCAST requests.
  var messages: Double?
  /// Events, one for each recipient.
  var deliveries: Double?
  var bytesIn: Double?
  var bytesOut: Double?
  var accepted: Double?
  var closed: Double?
  var refused: Double?
  var failedLogins: Double?
  /// The time that 99 of 100 turns of the loops did not exceed, in seconds; 0 if there were no turns.
  var lag: Double?

  /// The figures of a look, with rates if there was one before.
  init(_ sample: TopSample, after before: TopSample?) {
    let now = sample.metrics
    version = now.values("ssmpd_build_info", by: "version").keys.first ?? ""
    let start = now.sum("process_start_time_seconds")
    seconds = max(0, sample.clock - start)
    memory = now.sum("process_resident_memory_bytes")
    pending = now.sum("ssmpd_pending_bytes")
    pendingLimit = now.sum("ssmpd_pending_limit_bytes")
    connections = now.sum("ssmpd_connections")
    loggedIn = now.sum("ssmpd_connections", #"state="logged-in""#)
    topics = now.sum("ssmpd_topics")
    subscriptions = now.sum("ssmpd_subscriptions")
    congested = now.sum("ssmpd_congested_connections")
    isDraining = now.sum("ssmpd_draining") > 0
    hasFailedReload = now.sum("ssmpd_config_last_reload_successful") == 0
    let up = now.values("ssmpd_loop_up", by: "loop")
    loops = up.compactMap { key, value in Int(key).map { Loop(number: $0, isStuck: value == 0, busy: nil) } }
      .sorted { $0.number < $1.number }
    guard let before, before.metrics.sum("process_start_time_seconds") == start else { return }
    let time = Double(sample.nanoseconds &- before.nanoseconds) / 1e9
    if time > 0 { addRates(now, before.metrics, time) }
  }

  private mutating func addRates(_ now: MetricsText, _ before: MetricsText, _ time: Double) {
    func rate(_ sum: (MetricsText) -> Double) -> Double { max(0, sum(now) - sum(before)) / time }
    messages = rate { $0.sum("ssmpd_requests_total", #"verb="ucast""#, #"verb="mcast""#, #"verb="bcast""#) }
    deliveries = rate { $0.sum("ssmpd_events_total") }
    bytesIn = rate { $0.sum("ssmpd_received_bytes_total") }
    bytesOut = rate { $0.sum("ssmpd_sent_bytes_total") }
    accepted = rate { $0.sum("ssmpd_connections_accepted_total") }
    closed = rate { $0.sum("ssmpd_connections_closed_total") }
    refused = rate { $0.sum("ssmpd_connections_refused_total") }
    failedLogins = rate { $0.sum("ssmpd_logins_failed_total") }
    let turns = "ssmpd_loop_turn_duration_seconds"
    lag = Lag.quantile(0.99, from: before.buckets(turns), to: now.buckets(turns)) ?? 0
    let busy = now.values("ssmpd_loop_busy_seconds_total", by: "loop")
    let busyBefore = before.values("ssmpd_loop_busy_seconds_total", by: "loop")
    for index in loops.indices {
      let key = String(loops[index].number)
      guard let end = busy[key], let start = busyBefore[key] else { continue }
      loops[index].busy = min(1, max(0, end - start) / time)
    }
  }
}
