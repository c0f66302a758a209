// The lines of `ssmp top -b`.

import CommandLineTools

/// Figures as keys and values. The keys and their order are always the same; a figure that is not known is `-`.
enum BatchText {
  /// One line, without its end.
  static func line(_ model: TopModel, at time: String) -> String {
    guard let figures = model.figures else { return "" }
    let busiest = model.connections.filter { ($0.requests ?? 0) > 0 }.min { ConnectionOrder.requests.isBefore($0, $1) }
    let backlogged = model.connections.filter { $0.listed.pending > 0 }
      .min { ConnectionOrder.pending.isBefore($0, $1) }
    let pairs: [(String, String)] = [
      ("at", time), ("version", figures.version.logged), ("seconds", whole(figures.seconds)),
      ("connections", whole(figures.connections)), ("logged-in", whole(figures.loggedIn)),
      ("topics", whole(figures.topics)), ("subscriptions", whole(figures.subscriptions)),
      ("messages-per-second", rate(figures.messages)), ("deliveries-per-second", rate(figures.deliveries)),
      ("bytes-in-per-second", rate(figures.bytesIn)), ("bytes-out-per-second", rate(figures.bytesOut)),
      ("accepted-per-second", rate(figures.accepted)), ("closed-per-second", rate(figures.closed)),
      ("refused-per-second", rate(figures.refused)), ("failed-logins-per-second", rate(figures.failedLogins)),
      ("lag-seconds", figures.lag.map { Format.fixed($0, 6) } ?? "-"),
      ("busy", figures.loops.compactMap(\.busy).max().map { Format.fixed($0, 3) } ?? "-"),
      ("pending", whole(figures.pending)), ("memory", whole(figures.memory)),
      ("congested", whole(figures.congested)), ("stuck", "\(figures.loops.count { $0.isStuck })"),
      ("draining", "\(figures.isDraining)"), ("reload-failed", "\(figures.hasFailedReload)"),
      ("busiest", busiest?.listed.id.logged ?? "-"), ("busiest-requests-per-second", rate(busiest?.requests)),
      ("most-pending", backlogged?.listed.id.logged ?? "-"),
      ("most-pending-bytes", backlogged.map { "\($0.listed.pending)" } ?? "-"),
    ]
    return pairs.map { "\($0)=\($1)" }.joined(separator: " ")
  }

  private static func whole(_ value: Double) -> String { Format.fixed(value, 0) }

  private static func rate(_ value: Double?) -> String { value.map { Format.fixed($0, 1) } ?? "-" }
}
