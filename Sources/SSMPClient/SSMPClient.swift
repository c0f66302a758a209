// The client.

import SSMPTransport

/// A client of a server that speaks SSMP: it publishes, subscribes, and follows the presence of other clients.
///
/// A client connects, logs in, answers the server's PINGs, and connects again when the connection is lost, without anything to be
/// started or run by hand. All calls may be made from any task, at the same time. No call blocks a thread.
///
/// ```swift
/// try await SSMPClient.withClient(.init("tcp://127.0.0.1:8787", login: .open("pump"))) { client in
///   try await client.multicast("12.5 C", to: "readings")
///   for try await event in try await client.subscribe(to: "alarms", presence: true) {
///     print(event)
///   }
/// }
/// ```
///
/// A client that is neither closed nor used any more closes itself.
public final class SSMPClient: Sendable {
  let core: ClientCore

  private init(_ configuration: Configuration) throws(SSMPError) {
    core = try ClientCore(configuration)
  }

  deinit {
    core.beginClosing()
  }

  // MARK: Life

  /// Connects, runs `body` with the client, and closes the client when `body` returns, throws, or its task is cancelled.
  ///
  /// - Throws: what `connect` throws, or what `body` throws.
  public static func withClient<Result>(
    _ configuration: Configuration, isolation: isolated (any Actor)? = #isolation,
    _ body: (SSMPClient) async throws -> Result
  ) async throws -> Result {
    let client = try await connect(configuration, isolation: isolation)
    do {
      let result = try await body(client)
      await client.close(isolation: isolation)
      return result
    } catch {
      await client.close(isolation: isolation)
      throw error
    }
  }

  /// Connects and logs in.
  ///
  /// The servers of the configuration are tried one after the other. When none is reached the call throws, unless
  /// `Reconnection.appliesToStart` has it go on.
  ///
  /// - Returns: a client that is online. `close` ends it.
  /// - Throws: `.loginRefused`, `.unreachable`, `.untrusted`, `.invalid`, or `.cancelled` when the task is cancelled.
  public static func connect(
    _ configuration: Configuration, isolation: isolated (any Actor)? = #isolation
  ) async throws(SSMPError) -> SSMPClient {
    let client = try SSMPClient(configuration)
    try await client.core.start(isolation: isolation)
    return client
  }

  /// Ends the client: what was accepted is sent, CLOSE is sent, and its response awaited, for at most `Timeouts.closing`
  /// (Closing connections). All sequences end. It can be called again.
  public func close(isolation: isolated (any Actor)? = #isolation) async {
    await core.close(isolation: isolation)
  }

  // MARK: State

  /// Whether the client is connected.
  public var state: State { core.locked { core.states.current } }

  /// The state now, and all changes from now on. Of those that are not taken in time the oldest are dropped.
  public var states: States { States(core.locked { core.states.follow() }) }

  /// The identifier that the client logs in under.
  public var id: ID { core.configuration.login.id }
}
