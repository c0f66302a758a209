// Printing events as they come.

import Glibc
import SSMPClient
import SSMPTransport

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
        let (resumptions, resumption) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let shown = Shown(settings, isShown)
        group.addTask { try await print(events, shown) { resumption.yield() } }
        if watches {
          group.addTask {
            // What the server could not tell of while there was no connection.
            for await _ in resumptions {
              do {
                try await Rosters.settle(topics, client)
                for event in shown.takeGone() where try show(event, shown) { return .done }
              } catch is SSMPError {
                // It is lost again: there will be another one.
              }
            }
            try Task.checkCancellation()
            return .done
          }
        }
        if let id = settings.untilLeft {
          try await settle(client)
          guard shown.hasSeenLeaver || topics.contains(where: { client.roster(of: $0)[id] != nil }) else {
            throw Failure(.nobodyThere, "\(id) is not in the topic")
          }
        }
        defer { group.cancelAll() }
        return try await group.next() ?? .done
      }
    }
  }

  /// Waits until the members are known, over a connection that is lost meanwhile.
  private func settle(_ client: SSMPClient) async throws {
    while true {
      do {
        return try await Rosters.settle(topics, client)
      } catch let error as SSMPError where settings.retries && error.sent != nil {
        try await client.becomeOnline()
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
    _ events: SSMPClient.Events, _ shown: Shown, resumed: () -> Void
  ) async throws -> ExitStatus {
    for try await event in events {
      switch event {
      case .event(let event):
        if try show(event, shown) { return .done }
      case .interrupted:
        shown.interrupt()
        Diagnostics.note("the connection was lost; events are missed")
      case .resumed:
        Diagnostics.note("connected again")
        resumed()
      case .lost(let count): Diagnostics.note("\(count) events were dropped")
      }
    }
    try Task.checkCancellation()
    return .done
  }

  /// Prints an event, if it is to be shown; true if that was the last.
  private func show(_ event: SSMPClient.Event, _ shown: Shown) throws -> Bool {
    try shown.print(event) || hasLeft(event)
  }

  private func hasLeft(_ event: SSMPClient.Event) -> Bool {
    guard let id = settings.untilLeft, event.verb == "UNSUBSCRIBE", event.from == id else { return false }
    return event.id.map(topics.contains) ?? false
  }
}

/// What is shown: by the task that takes events, and by the task that finds out which members have left.
private final class Shown: Sendable {
  private struct State {
    var printer: EventPrinter
    var members = MemberList()
    /// The client whose leaving is waited for was there.
    var hasSeenLeaver = false
  }

  private let state: Locked<State>
  private let isShown: @Sendable (SSMPClient.Event) -> Bool
  private let leaver: ID?

  init(_ settings: Settings, _ isShown: @escaping @Sendable (SSMPClient.Event) -> Bool) {
    state = Locked(State(printer: EventPrinter(settings)))
    self.isShown = isShown
    leaver = settings.untilLeft
  }

  /// True if the client whose leaving is waited for was there.
  var hasSeenLeaver: Bool { state.withLock { $0.hasSeenLeaver } }

  /// Prints an event, if it is to be shown and tells something new; true when as many are printed as were asked for.
  func print(_ event: SSMPClient.Event) throws -> Bool {
    try state.withLock { state in
      if event.verb == "SUBSCRIBE", event.from == leaver { state.hasSeenLeaver = true }
      if state.members.take(event), isShown(event) { try state.printer.print(event) }
      return state.printer.isDone
    }
  }

  func interrupt() { state.withLock { $0.members.interrupt() } }

  func takeGone() -> [SSMPClient.Event] { state.withLock { $0.members.takeGone() } }
}
