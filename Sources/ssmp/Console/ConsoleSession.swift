// A session by hand.

import CommandLineTools
import SSMPClient
import SSMPTransport

/// Does what lines say, one after the other, and prints events and responses.
final class ConsoleSession: Sendable {
  /// What the session needs of the world around it.
  struct Surroundings: Sendable {
    let text: ConsoleText
    let output: any ConsoleOutput
    /// True if a person types, who sees faults: they do not change the exit code then.
    let isInteractive: Bool
    /// Wait for the connection to be there again before a line is sent.
    let retries: Bool
  }

  private let client: SSMPClient
  private let around: Surroundings
  private let output: HeldOutput
  /// The response to CLOSE, which nothing else gives.
  private let closing: ClosingResponse
  /// The topics that are subscribed to, and whether with presence.
  private let topics = Locked<[ID: Bool]>([:])
  /// The topics that are not subscribed to, but were for `/who`: their events are not shown.
  private let asked = Locked<Set<ID>>([])
  /// The first fault of a line: the exit code when nobody types.
  private let fault = Locked<ExitStatus?>(nil)

  init(_ client: SSMPClient, _ around: Surroundings, _ closing: ClosingResponse) {
    (self.client, self.around, self.closing) = (client, around, closing)
    output = HeldOutput(around.output)
  }

  /// Runs until the input ends, a line ends the session, or the connection is lost.
  func run(_ input: ConsoleInput, _ events: SSMPClient.Events) async throws -> ExitStatus {
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await self.print(events) }
      group.addTask { try await self.obey(input) }
      // The events end with the client, which the lines close: what came before is printed.
      while try await group.next() != nil {}
      try Task.checkCancellation()
      return around.isInteractive ? .done : fault.withLock { $0 } ?? .done
    }
  }

  // MARK: Events

  private func print(_ events: SSMPClient.Events) async throws {
    for try await event in events {
      switch event {
      case .event(let event):
        guard !isAsked(event) else { continue }
        try output.writeLater(line: around.text.line(event))
      case .interrupted: try note("the connection was lost; events are missed")
      case .resumed: try note("connected again")
      case .lost(let count): try note("\(count) events were dropped")
      }
    }
  }

  private func isAsked(_ event: SSMPClient.Event) -> Bool {
    guard let topic = event.id, event.verb != "UCAST" else { return false }
    return asked.withLock { $0.contains(topic) }
  }

  /// Says something that is no part of the conversation.
  private func note(_ text: String, isFault: Bool = false) throws {
    guard around.isInteractive else { return isFault ? Diagnostics.report(text) : Diagnostics.note(text) }
    try output.write(line: around.text.line(note: text, isFault: isFault))
  }

  // MARK: Lines

  private func obey(_ input: ConsoleInput) async throws {
    var isClosed = false
    var reader = ConsoleInput.Reader(input)
    var number = 0
    while let line = await reader.next() {
      number += 1
      do throws(ConsoleFault) {
        let request = try ConsoleRequest(line)
        isClosed = request == .close
        if isClosed { break }
        try await send(request)
      } catch {
        try fail(error, line: number)
      }
    }
    try Task.checkCancellation()
    await client.close()
    if isClosed, let response = closing.value { try output.write(line: around.text.line(response)) }
  }

  /// Sends the request, and reports what the client library makes of it.
  private func send(_ request: ConsoleRequest) async throws(ConsoleFault) {
    while true {
      do {
        return try await perform(request)
      } catch let fault as ConsoleFault {
        throw fault
      } catch let error as SSMPError where mayRetry(error) {
        do {
          try await client.becomeOnline()
        } catch {
          throw ConsoleFault(status: Failure(error).status, message: "\(error)")
        }
      } catch {
        throw ConsoleFault(status: Failure(error).status, message: "\(error)")
      }
    }
  }

  private func mayRetry(_ error: SSMPError) -> Bool {
    around.retries && !around.isInteractive && error.sent == .no && !Task.isCancelled
  }

  private func fail(_ fault: ConsoleFault, line: Int) throws {
    note(fault.status)
    try note(around.isInteractive ? fault.message : "line \(line): \(fault.message)", isFault: true)
  }

  private func note(_ status: ExitStatus) {
    if status != .done { fault.withLock { $0 = $0 ?? status } }
  }

  private func show(_ response: SSMPClient.Response) throws {
    note(Failure.status(of: response.code))
    try output.write(line: around.text.line(response))
  }

  // MARK: Requests

  private func perform(_ request: ConsoleRequest) async throws {
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
