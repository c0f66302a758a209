// Many messages at once, and the way to the server and back.

extension SSMPClient {
  /// A message that is not sent yet (`SSMPClient.send`).
  public struct Draft: Sendable {
    let request: ClientRequest

    /// A message to a client (Unicast).
    public static func unicast(_ payload: Payload, to recipient: ID) -> Draft {
      Draft(request: .unicast(recipient, payload))
    }

    /// A message to the subscribers of a topic (Multicast).
    public static func multicast(_ payload: Payload, to topic: ID) -> Draft {
      Draft(request: .multicast(topic, payload))
    }

    /// A message to all clients that share a topic with this one (Broadcast).
    public static func broadcast(_ payload: Payload) -> Draft { Draft(request: .broadcast(payload)) }
  }

  /// Sends messages one behind the other without waiting in between, and waits for all responses. It is the fastest way to send
  /// many: a few hundred at a time are enough, and two such calls at the same time keep the connection busy.
  ///
  /// - Returns: for each message the server's response, whatever its code, or why there is none: `.offline`,
  ///   `.connectionLost`, `.timedOut` or `.cancelled`, whose `sent` tells if the server may have the message.
  public func send(
    _ messages: [Draft], isolation: isolated (any Actor)? = #isolation
  ) async -> [Result<Response, SSMPError>] {
    await core.perform(messages.map(\.request), isolation)
  }

  /// Sends a PING, and waits for the server's PONG (Client-initiated). There is no need to: a client finds out by itself when its
  /// server is gone.
  ///
  /// - Throws: `.offline`, `.connectionLost` or `.cancelled`.
  public func ping(isolation: isolated (any Actor)? = #isolation) async throws(SSMPError) {
    try await core.ping(isolation)
  }
}
