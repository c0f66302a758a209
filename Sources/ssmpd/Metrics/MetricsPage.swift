// The metrics: what they are called, what they mean, and where they come from.

import Glibc
import SSMPCore
import SSMPTransport

/// What does not change while the server runs.
struct MetricsContext: Sendable {
  let maxDescriptors: Int
  /// The start, by the clock of `Ticks.seconds`.
  let started = Ticks.seconds()
  /// The start, in seconds since 1970.
  let startTime: Int = time(nil)
}

/// All metrics at one moment.
struct MetricsPage {
  let counts: ServerCounts
  let process: ProcessFacts
  let context: MetricsContext
  let maxConnections: Int
  let dates: [TLSDate]
  let reload: ReloadStatus.Figures
  let isDraining: Bool
  let linesLost: Int
  let admins: Int
  let collectors: Int
  let adminsRefused: Int
  var reserve = 0

  /// The reasons that concern connections which were never let in.
  static let refusals: [CloseReason] = [
    .connectionLimit, .addressLimit, .waitingLimit, .descriptorLimit, .loginThrottled,
  ]

  /// The page as Prometheus reads it.
  var text: String { families.text }

  /// The metrics.
  var families: MetricsText {
    var page = MetricsText()
    addServer(&page)
    addConnections(&page)
    addTLS(&page)
    addLoops(&page)
    // Without any answer of any loop, ever, there is nothing to say of the rest.
    if let registry = counts.registry { addProtocol(registry, &page) }
    return page
  }

  private func addServer(_ page: inout MetricsText) {
    page.family("ssmpd_build_info", .gauge, "What is running; always 1.")
    page.sample(1, ["version": Server.version])
    page.family(
      "ssmpd_config_last_reload_successful", .gauge, "0 when the last reload has failed: what is in force is older.")
    page.sample(reload.isGood)
    page.family(
      "ssmpd_config_last_reload_timestamp_seconds", .gauge, "When the last reload, or the start, ended, since 1970.")
    page.sample(reload.ended)
    page.family(
      "ssmpd_config_last_reload_success_timestamp_seconds", .gauge, "When the last one ended that has succeeded.")
    page.sample(reload.succeeded)
    page.family("ssmpd_draining", .gauge, "1 while the server goes down.")
    page.sample(isDraining)
    addProcess(&page)
    page.family("ssmpd_log_lines_lost_total", .counter, "Log lines dropped because nobody read the log fast enough.")
    page.sample(linesLost)
    page.family("ssmpd_admin_connections", .gauge, "Connections to the admin socket and to the port for metrics.")
    page.sample(admins, ["listener": "admin"])
    page.sample(collectors, ["listener": "metrics"])
    page.family("ssmpd_admin_connections_refused_total", .counter, "Connections to these that were too many.")
    page.sample(adminsRefused)
  }

  /// The names by which Prometheus' own libraries call these. The names that they had before are there for one version more.
  private func addProcess(_ page: inout MetricsText) {
    func add(_ name: String, _ old: String?, _ kind: MetricsText.Kind, _ help: String, _ value: some MetricValue) {
      page.family(name, kind, help)
      page.sample(value)
      guard let old else { return }
      page.family(old, kind, "The old name of \(name), which goes with the next version.")
      page.sample(value)
    }
    add(
      "process_cpu_seconds_total", "ssmpd_cpu_seconds_total", .counter, "Processor time of the process.", process.cpu)
    add(
      "process_resident_memory_bytes", "ssmpd_resident_memory_bytes", .gauge, "Resident memory of the process.",
      process.residentBytes)
    add("process_virtual_memory_bytes", nil, .gauge, "Address space of the process.", process.virtualBytes)
    add(
      "process_open_fds", "ssmpd_open_descriptors", .gauge, "Open descriptors of the process.", process.descriptors)
    add(
      "process_max_fds", "ssmpd_descriptors_limit", .gauge, "The most descriptors that the process may open.",
      context.maxDescriptors)
    add(
      "process_start_time_seconds", "ssmpd_start_time_seconds", .gauge,
      "When the server was started, in seconds since 1970.", context.startTime)
  }

  private func addConnections(_ page: inout MetricsText) {
    let sum = counts.sum
    page.family("ssmpd_connections", .gauge, "Connections by state and by the scheme of their login.")
    for stage in ConnectionStage.allCases {
      page.sample(sum.measures[stage], ["state": stage.state, "scheme": stage.scheme])
    }
    page.family("ssmpd_connections_limit", .gauge, "The most connections there may be (--max-connections).")
    page.sample(maxConnections)
    page.family(
      "ssmpd_connections_reserve", .gauge,
      "The most connections beyond the limit, let in to log in under a name that is taken.")
    page.sample(reserve)
    page.family("ssmpd_connections_accepted_total", .counter, "Connections let in.")
    page.sample(sum.accepted)
    page.family("ssmpd_connections_refused_total", .counter, "Connections closed without a word, by limit.")
    for reason in Self.refusals { page.sample(sum[reason], ["reason": "\(reason.name)"]) }
    page.family("ssmpd_connections_closed_total", .counter, "Connections that have ended, by reason.")
    for reason in CloseReason.allCases where !Self.refusals.contains(reason) {
      page.sample(sum[reason], ["reason": "\(reason.name)"])
    }
    page.family("ssmpd_received_bytes_total", .counter, "Bytes received from clients, without TLS.")
    page.sample(sum.bytesIn)
    page.family("ssmpd_sent_bytes_total", .counter, "Bytes sent to clients, without TLS.")
    page.sample(sum.bytesOut)
    page.family("ssmpd_pending_bytes", .gauge, "Memory held because clients have not read it, or not sent all of it.")
    page.sample(sum.pending)
    if let limit = counts.pendingLimit {
      page.family("ssmpd_pending_limit_bytes", .gauge, "The most of that over all connections (--max-total-pending).")
      page.sample(limit)
    }
    page.family(
      "ssmpd_slow_readers_total", .counter,
      "Times a client took nothing for so long that nobody waited for it any more.")
    page.sample(sum.slowReaders)
    page.family("ssmpd_rate_pauses_total", .counter, "Times a client paused because of its requests (--max-rate).")
    page.sample(sum.throttled)
  }

  private func addTLS(_ page: inout MetricsText) {
    let sum = counts.sum
    page.family("ssmpd_tls_handshakes_total", .counter, "TLS handshakes, by result.")
    page.sample(sum.handshakes - sum.handshakesResumed, ["result": "full"])
    page.sample(sum.handshakesResumed, ["result": "resumed"])
    page.sample(sum[.handshakeFailed], ["result": "failed"])
    page.sample(sum[.certificateRefused], ["result": "refused"])
    page.family(
      "ssmpd_tls_handshake_duration_seconds", .histogram,
      "Time from accepting a connection to the end of its handshake, to some milliseconds.")
    page.sample(sum.measures.handshakes)
    page.family("ssmpd_tls_handshake_busy_seconds_total", .counter, "Time that the loops have spent in handshakes.")
    page.sample(Nanoseconds(count: sum.measures.handshakeWork))
    guard !dates.isEmpty else { return }
    // What has the same name in the same file is one series: the first to expire.
    var soonest: [[String]: Int] = [:]
    for date in dates {
      guard let end = date.time.end else { continue }
      let key = [date.kind.rawValue, date.file, date.name]
      soonest[key] = min(end, soonest[key] ?? .max)
    }
    let sorted = soonest.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    page.family(
      "ssmpd_tls_expiry_timestamp_seconds", .gauge,
      "When the certificate, an authority or a revocation list expires, in seconds since 1970.")
    for (key, end) in sorted { page.sample(end, ["kind": key[0], "file": key[1], "name": key[2]]) }
    page.family(
      "ssmpd_tls_expiry_seconds", .gauge,
      "The same as seconds from now, negative after it; goes with the next version.")
    let now = time(nil)
    for (key, end) in sorted { page.sample(end - now, ["kind": key[0], "file": key[1], "name": key[2]]) }
  }

  private func addLoops(_ page: inout MetricsText) {
    page.family("ssmpd_loop_up", .gauge, "1 when the loop has answered in time, 0 when it is stuck.")
    for loop in counts.loops.indices { page.sample(!counts.stuck.contains(loop), ["loop": "\(loop)"]) }
    page.family("ssmpd_loop_connections", .gauge, "Connections of the loop.")
    forEachLoop { page.sample($1.measures.connections, ["loop": $0]) }
    page.family("ssmpd_loop_busy_seconds_total", .counter, "Time that the loop has worked; the rest it has waited.")
    forEachLoop { page.sample(Nanoseconds(count: $1.measures.turns.nanoseconds), ["loop": $0]) }
    page.family(
      "ssmpd_loop_turn_duration_seconds", .histogram,
      "How long turns of the loop take: so long, at most, what comes in waits before it is looked at.")
    forEachLoop { page.sample($1.measures.turns, ["loop": $0]) }
  }

  private func forEachLoop(_ body: (String, Counters) -> Void) {
    for (index, loop) in counts.loops.enumerated() {
      if let loop { body("\(index)", loop.counters) }
    }
  }

  private func addProtocol(_ registry: RegistryFigures, _ page: inout MetricsText) {
    let counts = registry.counts
    let sum = self.counts.sum
    page.family("ssmpd_identities", .gauge, "Identifiers that are logged in.")
    page.sample(registry.clients - registry.anonymous)
    page.family("ssmpd_anonymous_connections", .gauge, "Connections that are logged in without an identifier.")
    page.sample(registry.anonymous)
    page.family("ssmpd_topics", .gauge, "Topics, which are there as long as they have subscribers.")
    page.sample(registry.topics)
    page.family("ssmpd_subscriptions", .gauge, "Subscriptions.")
    page.sample(registry.subscriptions)
    page.family("ssmpd_presence_subscriptions", .gauge, "Subscriptions with PRESENCE.")
    page.sample(registry.presence)
    page.family("ssmpd_subscriptions_refused_total", .counter, "SUBSCRIBE refused at the limit (--max-subscriptions).")
    page.sample(counts.subscriptionsRefused)
    page.family("ssmpd_access_refused_total", .counter, "Requests and logins that the access rules do not allow.")
    page.sample(counts.accessRefused)
    page.family("ssmpd_logins_total", .counter, "Logins by result.")
    page.sample(counts.logins, ["result": "accepted"])
    page.sample(sum[.unauthorized], ["result": "refused"])
    page.sample(sum[.loginTimeout], ["result": "timeout"])
    page.family("ssmpd_logins_failed_total", .counter, "Logins that failed, by the reason that the log names, too.")
    for reason in FailedLogin.allCases { page.sample(sum[reason], ["reason": reason.label]) }
    page.family("ssmpd_requests_total", .counter, "Requests by verb.")
    for verb in Verb.allCases {
      page.sample(counts.requests[verb], ["verb": "\(verb.name)".lowercased()])
    }
    page.family("ssmpd_replies_total", .counter, "Responses by code.")
    for code in ReplyCode.allCases { page.sample(counts.replies[code], ["code": "\(code.digits)"]) }
    page.family("ssmpd_events_total", .counter, "Events delivered, one for each recipient.")
    page.sample(counts.events)
    page.family("ssmpd_congested_connections", .gauge, "Connections that senders wait for.")
    page.sample(registry.congested)
    page.family("ssmpd_senders_held_total", .counter, "Times a sender was held back, by what for.")
    page.sample(counts.heldForClient, ["cause": "recipient"])
    page.sample(counts.heldForLog, ["cause": "loop"])
  }
}
