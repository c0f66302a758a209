// Which clients are logged in, which topics they subscribe to, and which of them get an event.

import Containers

/// The registry: identifiers, topics, subscriptions and presence of all connections of the server, and the logs in which
/// it tells each event loop what to deliver.
///
/// It is pure: it decides and orders, and does nothing else. Every public operation is one step; where several threads
/// share a registry, they take turns, and the order of their turns is the order of events (`docs/architecture.md`).
///
/// Methods that only look are inlined wherever they are called from a step: passing this large a value to them would copy it.
///
/// The operations on a request are in `Registry+Requests`, `+Login`, `+Membership`, `+Messages`; what they share is in
/// `+Delivery`, initial batches of presence in `+Roster`, leaving in `+Departure`, the access rules in `+Access`, what
/// operators are shown in `+Listing`. Flow control is in `+Waiting` (the rule: which requests wait), `+Congestion`
/// (recipients that cannot keep up) and `+Logs` (loops that have work to do first).
public struct Registry: ~Copyable {
  /// The number of event loops.
  public let loops: Int
  /// The limits, which may change at any time.
  public var limits: RegistryLimits
  /// What happened since the start.
  public internal(set) var counts = RegistryCounts()

  let hash: KeyedHash
  /// The bytes of identifiers and topics.
  var names = NameTable()
  var clients: Clients
  var topics = TopicTable()
  var subscriptions = SubscriptionTable()
  var logs: LogSet
  /// The messages of the batch in progress that share an entry.
  var run = Run()
  var flow = FlowControl()
  var permissions: Permissions
  var departures = Departures()
  var broadcasts = Broadcasts()

  /// A registry without clients.
  ///
  /// - Parameters:
  ///   - loops: the number of event loops, 1 to 64.
  ///   - key: the key of the hash of names, from a random source.
  public init(loops: Int, limits: RegistryLimits = RegistryLimits(), rules: LoginRules, key: (UInt64, UInt64)) {
    precondition(loops >= 1 && loops <= ClientID.maxLoops)
    self.loops = loops
    self.limits = limits
    hash = KeyedHash(key: key)
    clients = Clients(loops: loops)
    logs = LogSet(loops: loops)
    permissions = Permissions(login: rules, refusals: RefusalLog(loops: loops))
  }

  /// The most clients that may be logged in. It may change at any time; a lower limit closes no
  /// connection.
  public var maxClients: Int {
    get { clients.most }
    set { clients.most = newValue }
  }
  /// The rules that decide whether a LOGIN is authentic. They may change at any time.
  public var rules: LoginRules {
    get { permissions.login }
    set { permissions.login = newValue }
  }
  /// The access rules in effect, if there are any. `replaceAccess` replaces them.
  public var access: AccessRules? { permissions.rules }

  /// The number of clients that are logged in, anonymous ones included.
  public var clientCount: Int { clients.active }
  /// The number of anonymous clients.
  public var anonymousCount: Int { clients.anonymous }
  /// The number of topics, which exist as long as they have subscribers.
  public var topicCount: Int { topics.count }
  /// The number of subscriptions.
  public var subscriptionCount: Int { subscriptions.count }

  /// The identifier of a client that is logged in, `.` for an anonymous one; `nil` for any other.
  public func identifier(of client: ClientID) -> [UInt8]? {
    isActive(client) ? names.bytes(of: record(client).name) : nil
  }

  /// True when the connection is logged in, and has not been displaced.
  @inline(__always) func isActive(_ client: ClientID) -> Bool {
    clients[client.loop].capacity > Int(client.slot) && record(client).isActive
  }

  /// The record of a client, after its LOGIN was served.
  @inline(__always) func record(_ client: ClientID) -> Client {
    clients[client.loop][Int(client.slot)]
  }

  /// Changes the record of a client, after its LOGIN was served.
  @inline(__always) mutating func update(_ client: ClientID, _ change: (inout Client) -> Void) {
    change(&clients[client.loop][Int(client.slot)])
  }

  /// The topic with the name `bytes[range]`, if it exists.
  @inline(__always) func topic(_ bytes: RawSpan, _ range: Range<Int>, _ hash: UInt32) -> UInt32? {
    var cursor = topics.index.first(hash)
    while let number = topics.index.next(&cursor, hash) {
      if names.matches(topics[number].name, bytes, range) { return number }
    }
    return nil
  }

  /// The client that is logged in as `bytes[range]`, if there is one.
  @inline(__always) func client(_ bytes: RawSpan, _ range: Range<Int>, _ hash: UInt32) -> ClientID? {
    var cursor = clients.identities.first(hash)
    while let raw = clients.identities.next(&cursor, hash) {
      let client = ClientID(raw: raw)
      if names.matches(record(client).name, bytes, range) { return client }
    }
    return nil
  }

  /// The subscription of a client to a topic, if it exists.
  @inline(__always) func subscription(of client: ClientID, to topic: UInt32) -> UInt32? {
    let key = hash(client.raw, topic)
    var cursor = subscriptions.index.first(key)
    while let number = subscriptions.index.next(&cursor, key) {
      if subscriptions[number].client == client && subscriptions[number].topic == topic { return number }
    }
    return nil
  }
}
