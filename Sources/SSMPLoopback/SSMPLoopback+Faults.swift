// What a test does to the clients.

import SSMPClient
import SSMPCore

extension SSMPLoopback {
  /// Ends the connection of a client as if the network had failed: the client's sequences give
  /// `.interrupted`, and it connects again unless its configuration forbids that. Others in its
  /// topics get the UNSUBSCRIBE events (Closing connections).
  ///
  /// What the client had sent before is served, and it gets what the server had sent before. When
  /// the call returns, the client is no longer in `clients`. A client that is disconnected three
  /// times in a row, each time within ten seconds of its login, takes that for a contest with
  /// another client, and stops (`SSMPClient.State.contested`).
  ///
  /// - Returns: false if no client is logged in under this identifier. Anonymous clients are
  ///   reached by none.
  @discardableResult
  public func disconnect(_ id: ID) -> Bool {
    core.locked { $0.disconnect(id.bytes) }
  }

  /// Stops the server as if its process had ended: all connections end, and new ones do
  /// (`SSMPError.unreachable`) until `start` is called. No UNSUBSCRIBE events are sent. What
  /// clients had sent before is served. When the call returns, `clients` is empty.
  public func stop() {
    core.locked { $0.stop() }
  }

  /// Starts the server again after `stop`. Clients come back by themselves, if their configuration
  /// has them connect again.
  public func start() {
    core.locked { $0.start() }
  }

  /// Restricts what clients may do, as the access rules of ssmpd do: what is not allowed is
  /// answered 405. Each call replaces the restrictions of the one before; `restrict()` lifts all.
  ///
  /// A name that ends in `/` stands for all names that begin with it. A client that is subscribed
  /// to a topic which it may not be subscribed to any more is disconnected, as by ssmpd; when it
  /// subscribes again, its sequence ends with 405.
  ///
  /// - Parameters:
  ///   - subscriptions: the topics that clients may subscribe to; `nil` for all.
  ///   - multicasts: the topics that clients may send messages to; `nil` for all.
  ///   - unicasts: the clients that messages may be sent to; `nil` for all.
  ///   - broadcasts: whether clients may send to all that share a topic with them.
  public func restrict(
    subscriptionsTo subscriptions: [ID]? = nil, multicastsTo multicasts: [ID]? = nil, unicastsTo unicasts: [ID]? = nil,
    broadcasts: Bool = true
  ) {
    let restrictions: [(AccessRights, [ID]?)] = [
      ([.subscribe, .presence], subscriptions), (.publish, multicasts), (.unicast, unicasts),
      (.broadcast, broadcasts ? nil : []),
    ]
    guard restrictions.contains(where: { $0.1 != nil }) else { return core.locked { $0.restrict(nil) } }
    var rules: [AccessRule] = []
    // Anonymous clients are only matched by their name.
    for identity in [AccessPattern.any, .name(ID.anonymous.bytes)] {
      rules.append(AccessRule(identity, .login(SchemeSet(Scheme.allCases))))
      for (rights, names) in restrictions {
        let patterns = names.map { $0.map { AccessPattern.name($0.bytes) } } ?? [.any]
        rules.append(AccessRule(identity, .use(rights, patterns)))
      }
    }
    let compiled = AccessRules(rules)
    core.locked { $0.restrict(compiled) }
  }
}

extension ID {
  /// The bytes, as SSMPCore takes them.
  var bytes: [UInt8] { Array(description.utf8) }
}
