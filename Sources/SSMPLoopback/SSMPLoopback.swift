// A server within the process, for tests.

import SSMPClient
import SSMPCore

/// A server for tests of programs that use `SSMPClient`: it lies within the process, without
/// sockets, files and timers.
///
/// It is made of the same registry, grammar and access rules as ssmpd, so it answers as ssmpd does.
///
/// ```swift
/// let server = SSMPLoopback()
/// try await SSMPClient.withClient(server.configuration(login: .open("alice"))) { client in
///   try await client.multicast("hello", to: "news")
/// }
/// ```
///
/// **Order.** Requests are served one by one, in the order in which the clients have sent them, and
/// each client receives what the server sends in the order in which the server has decided it. So a
/// test that awaits each call before it makes the next one sees the same events in every run. What
/// a client sends without being awaited (the UNSUBSCRIBE of a subscription that is dropped) is
/// certain after `settled()`.
///
/// **Limits.** A client that does not take its events is never congested: what it has not read
/// takes memory, and no sender waits for it. The server sends no PING.
///
/// All calls may be made from any task or thread, at the same time. Only `settled` suspends
/// its task; no call waits for a client.
///
/// The server lives as long as there is a reference to it, a configuration that it has made, or a
/// client with such a configuration.
public final class SSMPLoopback: Sendable {
  let core: LoopbackCore

  /// A server without clients.
  ///
  /// - Parameters:
  ///   - open: true to accept a LOGIN by `open`, under any identifier (Open login).
  ///   - certificates: true to accept a LOGIN by `cert` under any identifier, as if each client had
  ///     presented a certificate of it (Client certificate); an anonymous LOGIN by `cert` is
  ///     refused.
  ///   - secret: the secret of LOGIN by `secret` (Shared secret); `nil` not to offer that scheme.
  ///   - mostClients: the number of clients that may be logged in, at least 0. The connection of
  ///     any further one is closed without a response.
  ///   - mostSubscriptions: the number of topics that one client may be subscribed to, at least 0.
  ///     A further SUBSCRIBE is answered 405.
  public init(
    open: Bool = true, certificates: Bool = true, secret: String? = nil, mostClients: Int = .max,
    mostSubscriptions: Int = 1000
  ) {
    var schemes: [Scheme] = []
    if certificates { schemes.append(.cert) }
    if secret != nil { schemes.append(.secret) }
    if open { schemes.append(.open) }
    core = LoopbackCore(
      LoopbackServer(
        schemes: SchemeSet(schemes), secret: secret.map { Secret(Array($0.utf8)) }, mostClients: max(0, mostClients),
        mostSubscriptions: max(0, mostSubscriptions)))
  }

  /// The configuration of a client of this server.
  ///
  /// Its pauses between attempts to connect again are short: at most 1 millisecond before the first
  /// one, at most 20 before any. All other settings have their defaults, and all may be changed;
  /// `tls` means nothing here.
  public func configuration(login: SSMPClient.Login) -> SSMPClient.Configuration {
    var configuration = SSMPClient.Configuration(memory: core, login: login)
    configuration.reconnection.firstPause = .milliseconds(1)
    configuration.reconnection.longestPause = .milliseconds(20)
    return configuration
  }
}
