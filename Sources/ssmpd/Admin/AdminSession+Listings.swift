// Listings, piece by piece: the next one is asked for when the one before has been sent.

import CommandLineTools
import SSMPCore
import SSMPTransport

extension AdminSession {
  mutating func listConnections(_ selection: Selection<ConnectionOrder>) throws(AdminError) {
    let prefix = Array(selection.prefix.utf8)
    var items = SelectedItems(selection)
    for loop in 0..<hub.loops {
      var next: Int? = 0
      while let start = next, !connection.isBroken, !items.isComplete {
        let page = try answer(of: loop) { $0.listConnections(from: start, prefix: prefix) }
        for summary in items.take(page.items) { connection.write(Self.line(summary)) }
        next = page.next
      }
    }
    for summary in items.rest() { connection.write(Self.line(summary)) }
    connection.write(items.summary)
  }

  mutating func listTopics(_ selection: Selection<TopicOrder>) throws(AdminError) {
    let prefix = Array(selection.prefix.utf8)
    var items = SelectedItems(selection)
    var next: Int? = 0
    while let start = next, !connection.isBroken, !items.isComplete {
      let page = try answerOfAny {
        $0.hub.withRegistry { $0.topics(from: start, lookingAt: Tuning.listingPiece, prefix: prefix) }
      }
      for topic in items.take(page.items) { connection.write(Self.line(topic)) }
      next = page.next
    }
    for topic in items.rest() { connection.write(Self.line(topic)) }
    connection.write(items.summary)
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
          "id=\(Self.text(subscription.identifier)) presence=\(subscription.hasPresence) "
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
        connection.write("topic=\(Self.text(subscription.topic)) presence=\(subscription.hasPresence)")
      }
      count += page?.items.count ?? 0
      next = page?.next
      // A client that subscribes and unsubscribes all the time must not make the listing endless.
    } while next != nil && count < 2 * details.summary.subscriptions && !connection.isBroken
  }

  private static func line(_ connection: ConnectionSummary) -> String {
    let peer = connection.peer == .local ? "\(connection.peer)" : "\(connection.peer):\(connection.port)"
    return "conn=\(connection.handle) id=\(connection.identifier.map(text) ?? "-") peer=\(peer) "
      + "state=\(connection.stage.state) scheme=\(connection.stage.scheme) seconds=\(connection.seconds) "
      + "pending=\(connection.pending) subscriptions=\(connection.subscriptions) requests=\(connection.requests) "
      + "bytes-in=\(connection.bytesIn) bytes-out=\(connection.bytesOut)"
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
        + "tapped=\(details.isTapped) offered=\(schemes)"
    ]
    if details.isTLS {
      // `version` alone is the server's.
      let words = (details.tls ?? "version=- cipher=-").split(separator: " ").map { "tls-\($0)" }
      lines.append(
        words.joined(separator: " ") + " tls-resumed=\(details.isResumed) tls-certificate=\(details.hasCertificate)")
    }
    return lines
  }

  /// A name as a listing shows it. Names have no characters that would need care.
  private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
