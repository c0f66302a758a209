// The summary that SIGUSR1 asks for, and `stats`.

import SSMPCore
import SSMPTransport

extension Hub {
  /// Writes a summary of counts to the log, on a thread of its own: a loop that is stuck keeps nobody waiting but that one.
  func report() {
    do throws(SystemError) {
      let thread = try Thread { [self] in
        for line in counts().lines(pending: totalPending, connections: admissions.count) {
          log.write(.notice, "report \(line)")
        }
      }
      thread.detach()
    } catch {
      log.write(.error, "report failed because=\("\(error)".quoted)")
    }
  }
}

extension ServerCounts {
  /// A summary: one subject a line, a screen in all.
  func lines(pending: Int, connections: Int) -> [String] {
    var lines = loops.indices.map(line(ofLoop:))
    guard let registry else { return lines }
    let sum = self.sum
    let counts = registry.counts
    lines += [
      "connections=\(connections) logged-in=\(registry.clients) anonymous=\(registry.anonymous) "
        + "topics=\(registry.topics) subscriptions=\(registry.subscriptions) presence=\(registry.presence) "
        + "pending=\(sum.pending)",
      "accepted=\(sum.accepted) logins=\(counts.logins) bytes-in=\(sum.bytesIn) "
        + "bytes-out=\(sum.bytesOut) events=\(counts.events)",
      "slow-readers=\(sum.slowReaders) congested=\(registry.congested) held-for-client=\(counts.heldForClient) "
        + "held-for-log=\(counts.heldForLog) subscriptions-refused=\(counts.subscriptionsRefused) "
        + "access-refused=\(counts.accessRefused) throttled=\(sum.throttled) failed-logins=\(sum.failedLogins)",
      "turns=\(sum.turns) handshakes=\(sum.handshakes) resumed=\(sum.handshakesResumed)",
      "requests "
        + Verb.allCases.map { "\($0.name.description.lowercased())=\(counts.requests[Int($0.rawValue)])" }
        .joined(separator: " "),
      "replies "
        + ReplyCode.allCases.map { "\($0.digits)=\(counts.replies[Int($0.rawValue)])" }.joined(separator: " "),
      "closes " + CloseReason.allCases.map { "\($0.name)=\(sum[$0])" }.joined(separator: " "),
    ]
    return lines
  }

  private func line(ofLoop index: Int) -> String {
    if stuck.contains(index) { return "loop=\(index) stuck" }
    guard let counters = loops[index]?.counters else { return "loop=\(index) unknown" }
    let busy = counters.measures.turns.nanoseconds / 1_000_000
    return "loop=\(index) loop-connections=\(counters.measures.connections) busy=\(busy)ms"
  }
}
