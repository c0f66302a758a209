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
    facts(pending: pending, connections: connections).map(\.text)
  }

  /// The same as facts. A name has one meaning and one unit wherever it stands: bytes, where it says nothing else.
  func facts(pending: Int, connections: Int) -> [FactLine] {
    let lines = loops.indices.map(line(ofLoop:))
    guard let registry else { return lines }
    let sum = self.sum
    let counts = registry.counts
    return lines + [
      FactLine(
        "connections",
        [
          Fact("connections", connections), Fact("logged-in", registry.clients), Fact("anonymous", registry.anonymous),
          Fact("topics", registry.topics), Fact("subscriptions", registry.subscriptions),
          Fact("presence", registry.presence), Fact("pending", sum.pending),
        ]),
      FactLine(
        "traffic",
        [
          Fact("accepted", sum.accepted), Fact("logins", counts.logins), Fact("bytes-in", sum.bytesIn),
          Fact("bytes-out", sum.bytesOut), Fact("events", counts.events),
        ]),
      FactLine(
        "limits",
        [
          Fact("slow-readers", sum.slowReaders), Fact("congested", registry.congested),
          Fact("held-for-client", counts.heldForClient), Fact("held-for-log", counts.heldForLog),
          Fact("subscriptions-refused", counts.subscriptionsRefused), Fact("access-refused", counts.accessRefused),
          Fact("throttled", sum.throttled), Fact("failed-logins", sum.failedLogins),
        ]),
      FactLine(
        "work",
        [
          Fact("turns", sum.turns), Fact("handshakes", sum.handshakes), Fact("resumed", sum.handshakesResumed),
        ]),
      FactLine(
        "requests",
        Verb.allCases.map {
          Fact("requests-\($0.name.description.lowercased())", counts.requests[$0])
        }),
      FactLine("replies", ReplyCode.allCases.map { Fact("replies-\($0.digits)", counts.replies[$0]) }),
      FactLine("failed-logins", FailedLogin.allCases.map { Fact("failed-logins-\($0.label)", sum[$0]) }),
      FactLine("closes", CloseReason.allCases.map { Fact("closes-\($0.name)", sum[$0]) }),
    ]
  }

  private func line(ofLoop index: Int) -> FactLine {
    let isStuck = stuck.contains(index)
    var facts = [Fact("loop", index), Fact("stuck", isStuck)]
    if let counters = loops[index]?.counters, !isStuck {
      facts += [
        Fact("loop-connections", counters.measures.connections),
        Fact("busy-seconds", seconds: counters.measures.turns.nanoseconds),
      ]
    }
    return FactLine("loop", facts)
  }
}
