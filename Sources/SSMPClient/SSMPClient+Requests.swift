// What a client asks of the server.

extension SSMPClient {
  /// Sends a message to a client (Unicast).
  ///
  /// The return tells that the server has the message, not that the recipient has it.
  ///
  /// - Throws: `.refused` with 404 if no client is logged in under that identifier; `.offline`, `.connectionLost`,
  ///   `.timedOut` or `.cancelled`, whose `sent` tells if the server may have the message.
  public func unicast(
    _ payload: Payload, to recipient: ID, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) {
    try await succeed(.unicast(recipient, payload), isolation)
  }

  /// Sends a message to all other subscribers of a topic (Multicast). The client need not be one.
  ///
  /// - Throws: as `unicast`; it is no error if the topic has no subscribers.
  public func multicast(
    _ payload: Payload, to topic: ID, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) {
    try await succeed(.multicast(topic, payload), isolation)
  }

  /// Sends a message to all clients that share a topic with this one (Broadcast).
  ///
  /// - Throws: as `unicast`.
  public func broadcast(_ payload: Payload, isolation: isolated (any Actor)? = #isolation) async throws(SSMPError) {
    try await succeed(.broadcast(payload), isolation)
  }

  /// Sends a request with any verb (Forward compatibility).
  ///
  /// - Parameters:
  ///   - verb: 1 to 16 capital letters. The verbs of the protocol that this type has calls for are refused: their effects would be
  ///     unknown to it.
  ///   - id: the identifier behind the verb, if there is one.
  ///   - payload: the payload behind that, if there is one.
  /// - Returns: the response, whatever its code: 501 says that the server does not know the verb.
  /// - Throws: `.invalid` for a verb that cannot be sent; otherwise as `unicast`, but not `.refused`.
  public func request(
    _ verb: String, _ id: ID? = nil, _ payload: Payload? = nil, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> Response {
    guard ClientGrammar.isVerb(verb) else { throw .invalid("'\(verb)' is no verb: give 1 to 16 capital letters") }
    switch verb {
    case "UCAST", "MCAST":
      guard let id, let payload else { throw .invalid("\(verb) needs an identifier and a payload") }
      return try await core.perform(verb == "UCAST" ? .unicast(id, payload) : .multicast(id, payload), isolation)
    case "BCAST":
      guard let payload, id == nil else { throw .invalid("BCAST needs a payload and no identifier") }
      return try await core.perform(.broadcast(payload), isolation)
    case "LOGIN", "CLOSE", "PING", "PONG", "SUBSCRIBE", "UNSUBSCRIBE":
      throw .invalid("\(verb) is the client's own; use its calls")
    default: return try await core.perform(.other(verb, id, payload), isolation)
    }
  }

  private func succeed(_ request: ClientRequest, _ isolation: isolated (any Actor)?) async throws(SSMPError) {
    let response = try await core.perform(request, isolation)
    guard response.isSuccess else { throw .refused(response) }
  }
}
