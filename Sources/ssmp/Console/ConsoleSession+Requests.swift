// The requests of a session by hand.

import SSMPClient
import SSMPTransport

extension ConsoleSession {
  /// Does what a line asks for, and shows the responses.
  func perform(_ request: ConsoleRequest) async throws {
    switch request {
    case .nothing, .close: break
    case .help: for line in ConsoleHelp.lines { try output.write(line: Array(line.utf8)) }
    case .ping:
      let start = MonotonicTime.nanoseconds()
      try await client.ping()
      try output.write(line: around.text.line(pongAfter: MonotonicTime.nanoseconds() - start))
    case .subscribe(let topic, let presence): try await subscribe(topic, presence: presence)
    case .join(let topics): for topic in topics { try await subscribe(topic, presence: false) }
    case .watch(let topics): for topic in topics { try await watch(topic) }
    case .unsubscribe(let topics): for topic in topics { try show(await unsubscribe(topic)) }
    case .members(let topic): try await members(topic)
    case .request(let verb, let id, let payload): try show(await client.request(verb, id, payload))
    }
  }

  private func subscribe(_ topic: ID, presence: Bool) async throws {
    guard topics.withLock({ $0[topic] == nil }) else {
      return try show(await client.repeatSubscribe(to: topic, presence: presence))
    }
    asked.withLock { _ = $0.remove(topic) }
    // The response is shown before the events that follow it.
    output.hold()
    let response: SSMPClient.Response
    do throws(SSMPError) {
      let subscription = try await client.subscribe(to: topic, presence: presence, buffering: .dropOldest(limit: 1))
      topics.withLock { $0[topic] = presence }
      keep(subscription)
      response = SSMPClient.Response(code: 200)
    } catch {
      guard case .refused(let refusal) = error else {
        try output.release()
        throw error
      }
      response = refusal
    }
    try show(response)
    try output.release()
  }

  /// Keeps a subscription until it ends: with UNSUBSCRIBE, or if the server does not accept it after a reconnection.
  private func keep(_ subscription: SSMPClient.Subscription) {
    Task { [self] in
      do {
        for try await _ in subscription {}
      } catch {
        topics.withLock { $0[subscription.topic] = nil }
        try? note("no longer subscribed to \(subscription.topic): \(error)", isFault: true)
      }
    }
  }

  private func watch(_ topic: ID) async throws {
    if topics.withLock({ $0[topic] == false }) { _ = try await unsubscribe(topic) }
    try await subscribe(topic, presence: true)
  }

  private func unsubscribe(_ topic: ID) async throws -> SSMPClient.Response {
    topics.withLock { $0[topic] = nil }
    return try await client.unsubscribe(from: topic)
  }

  private func members(_ topic: ID) async throws {
    switch topics.withLock({ $0[topic] }) {
    case true?: try await printMembers(of: topic)
    case false?:
      throw ConsoleFault.malformed("\(topic) is subscribed to without presence; /watch \(topic) changes that")
    case nil:
      asked.withLock { _ = $0.insert(topic) }
      do {
        let subscription = try await client.subscribe(to: topic, presence: true, buffering: .dropOldest(limit: 1))
        defer { withExtendedLifetime(subscription) {} }
        try await printMembers(of: topic)
        _ = try await client.unsubscribe(from: topic)
      } catch SSMPError.refused(let response) {
        try show(response)
      }
    }
  }

  private func printMembers(of topic: ID) async throws {
    try await Rosters.settle([topic], client)
    let members = client.roster(of: topic).keys.sorted()
    if members.isEmpty { note(.nobodyThere) }
    try output.write(line: around.text.line(members: members, of: topic))
  }
}
