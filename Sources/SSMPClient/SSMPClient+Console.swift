// Requests as a person types them.

import SSMPTransport

extension SSMPClient {
  /// Sends SUBSCRIBE for a topic that this client is subscribed to already (Topic subscriptions): the response is the server's,
  /// and changes nothing here.
  ///
  /// - Returns: the response, whatever its code: 409 is the expected one.
  package func repeatSubscribe(
    to topic: ID, presence: Bool, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> Response {
    try await core.perform(.subscribe(topic, presence: presence), isolation)
  }

  /// Ends all sequences of a topic, and sends UNSUBSCRIBE, whether there are any or not.
  ///
  /// - Returns: the response, whatever its code: 404 if the client is not subscribed.
  package func unsubscribe(
    from topic: ID, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> Response {
    core.locked { core.forget(topic) }
    return try await core.perform(.unsubscribe(topic), isolation)
  }
}
