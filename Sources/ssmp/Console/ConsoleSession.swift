// A session by hand.

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

  let client: SSMPClient
  let around: Surroundings
  let output: HeldOutput
  /// The response to CLOSE, which nothing else gives.
  private let closing: ClosingResponse
  /// The topics that are subscribed to, and whether with presence.
  let topics = Locked<[ID: Bool]>([:])
  /// The topics that are not subscribed to, but were for `/who`: their events are not shown.
  let asked = Locked<Set<ID>>([])
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
  func note(_ text: String, isFault: Bool = false) throws {
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

  /// Notes the first fault.
  func note(_ status: ExitStatus) {
    if status != .done { fault.withLock { $0 = $0 ?? status } }
  }

  /// Shows a response, and notes what its code means for the exit code.
  func show(_ response: SSMPClient.Response) throws {
    note(Failure.status(of: response.code))
    try output.write(line: around.text.line(response))
  }
}
