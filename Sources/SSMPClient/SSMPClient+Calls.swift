// Requests to other clients.

extension SSMPClient {
  /// Asks another client, and waits for its answer (docs/services.md).
  ///
  /// - Parameters:
  ///   - verb: what is asked for: an identifier in the grammar's sense, such as `info`.
  ///   - argument: a text without LF.
  ///   - bytes: bytes behind it, if there are any.
  ///   - recipient: the client that is asked.
  ///   - timeout: how long to wait for the answer.
  /// - Returns: the answer, whatever its code.
  /// - Throws: `.refused` with 404 if the client is not there, `.timedOut` if it does not answer in time, `.invalid` if the request
  ///   is too long, and as `unicast`.
  public func call(
    _ verb: String, _ argument: String = "", bytes: [UInt8]? = nil, of recipient: ID,
    timeout: Duration = .seconds(10), isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> Reply {
    let verb = try ID(verb).description
    let message = ExchangeMessage(
      .request(verb: verb), ExchangeMessage.newTag(), text: argument, bytes: bytes)
    return try await core.ask(recipient, message, within: timeout.nanoseconds, isolation)
  }
}
