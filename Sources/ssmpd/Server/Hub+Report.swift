// The summary that SIGUSR1 asks for.

import SSMPCore

extension Hub {
  /// Writes a summary of counts: one subject a line, a screen in all.
  func writeReport(_ counters: Counters) {
    let (counts, clients, anonymous, topics, subscriptions) = withRegistry {
      ($0.counts, $0.clientCount, $0.anonymousCount, $0.topicCount, $0.subscriptionCount)
    }
    var lines = [
      "connections=\(admissions.count) logged-in=\(clients) anonymous=\(anonymous) topics=\(topics) "
        + "subscriptions=\(subscriptions) pending=\(counters.pending)",
      "accepted=\(counters.accepted) logins=\(counts.logins) bytes-in=\(counters.bytesIn) "
        + "bytes-out=\(counters.bytesOut) events=\(counts.events)",
      "slow-readers=\(counters.slowReaders) held-for-client=\(counts.heldForClient) "
        + "held-for-log=\(counts.heldForLog) subscriptions-refused=\(counts.subscriptionsRefused) "
        + "throttled=\(counters.throttled) failed-logins=\(counters.failedLogins)",
    ]
    lines.append("turns=\(counters.turns) handshakes=\(counters.handshakes) resumed=\(counters.handshakesResumed)")
    lines.append(
      "requests "
        + Verb.allCases.map { "\($0.name.description.lowercased())=\(counts.requests[Int($0.rawValue)])" }
        .joined(separator: " "))
    lines.append(
      "replies "
        + ReplyCode.allCases.map { "\($0.digits)=\(counts.replies[Int($0.rawValue)])" }.joined(separator: " "))
    lines.append(
      "closes " + CloseReason.allCases.map { "\($0.name)=\(counters[$0])" }.joined(separator: " "))
    for line in lines { log.write(.notice, "report \(line)") }
  }
}
