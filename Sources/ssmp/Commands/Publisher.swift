// Sending many messages in order.

import SSMPClient

/// Sends messages in portions, and accounts for each. Two portions are on their way at the same time; with `retries` it is one,
/// since what was not sent has to be sent again before what follows.
struct Publisher {
  private let client: SSMPClient
  private let retries: Bool
  private let skipsInvalid: Bool
  private let draft: @Sendable (Payload) -> SSMPClient.Draft

  /// A message that can be sent.
  private struct Outgoing: Sendable {
    let number: Int
    let payload: Payload
  }

  /// What became of a portion.
  private struct Outcome: Sendable {
    let messages: [Outgoing]
    let results: [Result<SSMPClient.Response, SSMPError>]
  }

  /// - Parameters:
  ///   - retries: go on when the connection is lost and made again.
  ///   - skipsInvalid: go on after a message that cannot be sent.
  ///   - draft: makes a message of a payload.
  init(
    _ client: SSMPClient, retries: Bool, skipsInvalid: Bool, _ draft: @escaping @Sendable (Payload) -> SSMPClient.Draft
  ) {
    (self.client, self.retries, self.skipsInvalid, self.draft) = (client, retries, skipsInvalid, draft)
  }

  /// Sends all messages.
  ///
  /// - Throws: `Failure` for the first message that the server refuses, or that cannot be sent; why there is no connection any
  ///   more, also while no message is to be sent.
  func publish(_ source: MessageSource) async throws -> ExitStatus {
    try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await client.awaitEnd() }
      group.addTask { try await send(source) }
      while let status = try await group.next() { if let status { return status } }
      throw CancellationError()
    }
  }

  private func send(_ source: MessageSource) async throws -> ExitStatus {
    var source = source
    var invalid: Failure?
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      var isBusy = false
      while invalid == nil, let found = await source.next() {
        let messages = try valid(found, &invalid)
        guard !messages.isEmpty else { continue }
        let (client, draft) = (client, draft)
        // At once: what is sent first is first in line.
        group.addImmediateTask {
          Outcome(messages: messages, results: await client.send(messages.map { draft($0.payload) }))
        }
        if isBusy || retries, let outcome = try await group.next() { try await settle(outcome) }
        isBusy = true
      }
      while let outcome = try await group.next() { try await settle(outcome) }
    }
    if let invalid { throw invalid }
    return .done
  }

  /// Those that can be sent. Of the others the first ends it all, or is passed over.
  private func valid(_ messages: [InputMessage], _ failure: inout Failure?) throws -> [Outgoing] {
    var valid: [Outgoing] = []
    for message in messages {
      switch message.payload {
      case .success(let payload): valid.append(Outgoing(number: message.number, payload: payload))
      case .failure(let error):
        guard skipsInvalid else {
          failure = Failure(.invalidMessage, "message \(message.number): \(error)")
          return valid
        }
        Diagnostics.note("message \(message.number) is left out: \(error)")
      }
    }
    return valid
  }

  /// Looks at what became of a portion. What was not sent, because there was no connection, is sent when there is one again.
  private func settle(_ outcome: Outcome) async throws {
    var unsent = try unsent(outcome)
    while !unsent.isEmpty {
      try await client.becomeOnline()
      let messages = unsent
      let results = await client.send(messages.map { draft($0.payload) })
      unsent = try self.unsent(Outcome(messages: messages, results: results))
    }
  }

  /// The messages that were not sent.
  private func unsent(_ outcome: Outcome) throws -> [Outgoing] {
    var unsent: [Outgoing] = []
    var doubtful = 0
    for (message, result) in zip(outcome.messages, outcome.results) {
      switch result {
      case .success(let response):
        guard !response.isSuccess else { continue }
        throw Failure(
          Failure.status(of: response.code), "message \(message.number): the server has answered \(response)")
      case .failure(let error):
        guard retries, error.isLoss else { throw error }
        if error.sent == .no { unsent.append(message) } else { doubtful += 1 }
      }
    }
    if doubtful > 0 { Diagnostics.note("the connection was lost; \(doubtful) messages may be lost") }
    return unsent
  }
}

extension SSMPError {
  /// True if the request failed because there was no connection, or the connection was lost.
  fileprivate var isLoss: Bool {
    switch self {
    case .offline, .connectionLost, .contested: true
    case .refused, .loginRefused, .unreachable, .untrusted, .timedOut, .cancelled, .closed, .overflow, .violation,
      .invalid:
      false
    }
  }
}
