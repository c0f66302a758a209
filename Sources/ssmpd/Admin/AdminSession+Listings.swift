// Listings, piece by piece: the next one is asked for when the one before has been sent.

import SSMPCore
import SSMPTransport

extension AdminSession {
  mutating func listConnections(_ prefix: String) throws(AdminError) {
    let prefix = Array(prefix.utf8)
    var count = 0
    for loop in 0..<hub.loops {
      var next: Int? = 0
      while let start = next, !connection.isBroken {
        let page = try answer(of: loop) { $0.listConnections(from: start, prefix: prefix) }
        for summary in page.items { connection.write(Self.line(summary)) }
        count += page.items.count
        next = page.next
      }
    }
    connection.write("ok count=\(count)")
  }

  mutating func listTopics(_ prefix: String) throws(AdminError) {
    let prefix = Array(prefix.utf8)
    var count = 0
    var next: Int? = 0
    while let start = next, !connection.isBroken {
      let page = try answerOfAny {
        $0.hub.withRegistry { $0.topics(from: start, lookingAt: Tuning.listingPiece, prefix: prefix) }
      }
      for topic in page.items { connection.write(Self.line(topic)) }
      count += page.items.count
      next = page.next
    }
    connection.write("ok count=\(count)")
  }

  mutating func listSubscribers(_ name: String) throws(AdminError) {
    let bytes = Array(name.utf8)
    let topic = try answerOfAny { $0.hub.withRegistry { $0.topic(named: bytes) } }
    guard let topic else { throw AdminError("nobody is subscribed to '\(name.printable)'") }
    connection.write(Self.line(topic))
    var count = 0
    var next: Int? = 0
    while let start = next, !connection.isBroken {
      let page = try answerOfAny {
        $0.hub.withRegistry { $0.subscribers(of: bytes, from: start, atMost: Tuning.listingPiece) }
      }
      // Its last subscriber may have left meanwhile.
      for subscription in page?.items ?? [] {
        connection.write(
          "subscriber id=\(Self.text(subscription.identifier)) presence=\(subscription.hasPresence) "
            + "loop=\(subscription.client.loop)")
      }
      count += page?.items.count ?? 0
      next = page?.next
    }
    connection.write("ok count=\(count)")
  }

  /// One connection with its subscriptions.
  mutating func show(_ id: String) throws(AdminError) {
    let handle = try find(id)
    guard let details = try answer(of: handle.loop, { $0.details(of: handle) }) else {
      throw AdminError("\(handle) has just closed")
    }
    connection.write(Self.line(details.summary))
    connection.write(Self.lines(details))
    var next: Int?
    var count = 0
    repeat {
      let start = next
      let page = try answer(of: handle.loop) { $0.listSubscriptions(of: handle, from: start) }
      for subscription in page?.items ?? [] {
        connection.write("subscription topic=\(Self.text(subscription.topic)) presence=\(subscription.hasPresence)")
      }
      count += page?.items.count ?? 0
      next = page?.next
      // Whoever subscribes and unsubscribes without end is not followed without end.
    } while next != nil && count < 2 * details.summary.subscriptions && !connection.isBroken
  }

  private static func line(_ connection: ConnectionSummary) -> String {
    let peer = connection.peer == .local ? "\(connection.peer)" : "\(connection.peer):\(connection.port)"
    return "conn=\(connection.handle) id=\(connection.identifier.map(text) ?? "-") peer=\(peer) "
      + "state=\(connection.stage.state) scheme=\(connection.stage.scheme) seconds=\(connection.seconds) "
      + "pending=\(connection.pending) subscriptions=\(connection.subscriptions)"
  }

  private static func line(_ topic: TopicSummary) -> String {
    "topic=\(text(topic.name)) subscribers=\(topic.subscribers) watchers=\(topic.watchers)"
  }

  private static func lines(_ details: ConnectionDetails) -> [String] {
    let flags = details.flags
    let schemes = details.schemes.schemes.map(\.name.description).joined(separator: ",")
    var lines = [
      "loop=\(details.summary.handle.loop) kept=\(details.kept) held=\(flags.contains(.held)) "
        + "paused=\(flags.contains(.paused)) congested=\(flags.contains(.congested)) slow=\(flags.contains(.slow)) "
        + "tapped=\(details.isTapped) offered=\(schemes)",
      "requests=\(details.requests) bytes-in=\(details.bytesIn) bytes-out=\(details.bytesOut)",
    ]
    if details.isTLS {
      let words = details.tls ?? "version=- cipher=-"
      lines.append("tls \(words) resumed=\(details.isResumed) certificate=\(details.hasCertificate)")
    }
    return lines
  }

  /// A name as a listing shows it. Names have no characters that would need care.
  private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
