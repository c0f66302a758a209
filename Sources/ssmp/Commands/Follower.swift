// Printing events as they come.

import Glibc
import SSMPClient

/// Subscribes to topics, and prints events until something ends it.
struct Follower {
  let settings: Settings
  let topics: [ID]
  /// Whether to subscribe with PRESENCE.
  let watches: Bool

  init(_ settings: Settings, topics: [ID], watches: Bool) {
    (self.settings, self.topics, self.watches) = (settings, topics, watches)
  }

  /// Prints the events that `isShown` is true for.
  func run(where isShown: @escaping @Sendable (SSMPClient.Event) -> Bool) async throws -> ExitStatus {
    try await Session.run(settings) { client in
      // From here on: what comes between the subscriptions is not missed.
      let events = client.events()
      if settings.id == nil, topics.isEmpty { Diagnostics.note("the identifier is \(client.id)") }
      return try await withThrowingTaskGroup(of: ExitStatus.self) { group in
        let subscriptions = try await subscribe(client)
        try announce()
        for subscription in subscriptions {
          // It ends with an error if the server does not let the client in again.
          group.addTask {
            for try await _ in subscription {}
            return .done
          }
        }
        group.addTask { try await print(events, where: isShown) }
        if let id = settings.untilLeft {
          try await Rosters.settle(topics, client)
          guard topics.contains(where: { client.roster(of: $0)[id] != nil }) else {
            throw Failure(.nobodyThere, "\(id) is not in the topic")
          }
        }
        defer { group.cancelAll() }
        return try await group.next() ?? .done
      }
    }
  }

  private func subscribe(_ client: SSMPClient) async throws -> [SSMPClient.Subscription] {
    var subscriptions: [SSMPClient.Subscription] = []
    for topic in topics {
      subscriptions.append(try await client.subscribe(to: topic, presence: watches, buffering: .dropOldest(limit: 1)))
    }
    return subscriptions
  }

  /// Says that everything is subscribed to.
  private func announce() throws {
    guard let descriptor = settings.readyDescriptor else { return }
    var byte = UInt8(ascii: "\n")
    guard unsafe write(descriptor, &byte, 1) == 1 else {
      throw unsafe Failure(
        .usage, "descriptor \(descriptor) of --ready cannot be written: \(String(cString: strerror(errno)))")
    }
    if descriptor > 2 { close(descriptor) }
  }

  private func print(
    _ events: SSMPClient.Events, where isShown: (SSMPClient.Event) -> Bool
  ) async throws -> ExitStatus {
    var printer = EventPrinter(settings)
    for try await event in events {
      switch event {
      case .event(let event):
        if isShown(event) { try printer.print(event) }
        if printer.isDone || hasLeft(event) { return .done }
      case .interrupted: Diagnostics.note("the connection was lost; events are missed")
      case .resumed: Diagnostics.note("connected again")
      case .lost(let count): Diagnostics.note("\(count) events were dropped")
      }
    }
    try Task.checkCancellation()
    return .done
  }

  private func hasLeft(_ event: SSMPClient.Event) -> Bool {
    guard let id = settings.untilLeft, event.verb == "UNSUBSCRIBE", event.from == id else { return false }
    return event.id.map(topics.contains) ?? false
  }
}
