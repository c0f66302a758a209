// Sending many messages in order.

import SSMPClient

/// Sends messages in portions, two of which are on their way at the same time, and accounts for each.
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
  /// - Throws: `Failure` for the first message that the server refuses, or that cannot be sent.
  mutating func publish(_ source: MessageSource) async throws -> ExitStatus {
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
        if isBusy, let outcome = try await group.next() { try await settle(outcome, &group) }
        isBusy = true
      }
      while let outcome = try await group.next() { try await settle(outcome, &group) }
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

  /// Looks at what became of a portion. What was not sent, because the connection was lost, is sent when there is one again: first
  /// what came first, so both portions are looked at together.
  private func settle(_ outcome: Outcome, _ group: inout ThrowingTaskGroup<Outcome, any Error>) async throws {
    guard var unsent = try unsent(outcome) else { return }
    while let other = try await group.next() { unsent += try self.unsent(other) ?? [] }
    unsent.sort { $0.number < $1.number }
    while !unsent.isEmpty {
      try await client.becomeOnline()
      let messages = unsent
      let results = await client.send(messages.map { draft($0.payload) })
      unsent = try self.unsent(Outcome(messages: messages, results: results)) ?? []
    }
  }

  /// The messages that were not sent; `nil` if all were acknowledged.
  private func unsent(_ outcome: Outcome) throws -> [Outgoing]? {
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
    return unsent.isEmpty && doubtful == 0 ? nil : unsent
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
