// Who is there, who subscribes to what, and who gets what.

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
  /// The most clients that may be logged in, which may change at any time; nobody leaves for that.
  public var maxClients = Int.max
  /// Who may log in, which may change at any time.
  public var rules: LoginRules
  /// Who may do what, if there are rules; `replaceAccess` puts others in force.
  public internal(set) var access: AccessRules?
  /// What happened since the start.
  public internal(set) var counts = RegistryCounts()

  let hash: KeyedHash
  var logs: FixedArray<DeliveryLog>
  var clients: FixedArray<ClientTable>
  var names = NameTable()
  var identities = HashIndex()
  var topics = Slab<Topic>(filler: Topic())
  var topicIndex = HashIndex()
  var topicCongestions = Slab<TopicCongestion>(filler: TopicCongestion())
  var subscriptions = Slab<Subscription>(filler: Subscription())
  var subscriptionIndex = HashIndex()
  var rosters = Slab<Roster>(filler: Roster())

  /// The loop whose client is being served: it needs no signal, since it looks at its log after each turn.
  var actingLoop = 0
  /// The loops that have to be told that their log is no longer empty.
  var wakes: UInt64 = 0
  /// The loops whose logs are full.
  var fullLogs: UInt64 = 0
  /// The loops whose logs hold as much for many recipients as they may.
  var crowdedLogs: UInt64 = 0
  /// The loops that still send what a log before had for many recipients.
  var busyLogs: UInt64 = 0
  /// The loops in whose logs a client has as many events of its own as it may.
  var loadedLogs: UInt64 = 0
  /// How often each loop has taken its log: the present log's number.
  var takes: FixedArray<UInt32>
  /// The loops that have recipients of the event in the making.
  var addressed: UInt64 = 0
  var run = Run()
  var broadcast: UInt32 = 0
  /// Tells the access rules in force from those before; 0 when there have never been any.
  var accessGeneration: UInt8 = 0
  var recheckPlace = RecheckPlace.nowhere
  var activeClients = 0
  var anonymousClients = 0
  var congestedClients = 0
  var presenceSubscriptions = 0
  /// What the loop has said of the sender that is being served.
  var sender = SenderState()
  /// Reasons to look at each request before it is served (`Registry+Logs`).
  var stops: UInt64 = 0
  /// The steps of the step in progress, and whether a wait that it ended with keeps others waiting.
  var steps = 0
  var waitIsShared = false
  var departures = Slab<Departure>(filler: Departure())
  /// The identities of those who have left and of whom not everybody has been told.
  var departingIdentities = HashIndex()
  var farewells = FarewellQueue()
  var departuresBegun: UInt32 = 0
  /// The broadcasts that are under way (`Registry+Broadcast`).
  var gatherings: [Gathering] = []
  /// The clients that wait for a place among them.
  var broadcasters = BroadcasterQueue()
  /// What was refused last.
  var refusals: RefusalLog
  var waiters: [Obstacle: [ClientID]] = [:]

  /// A registry without clients.
  ///
  /// - Parameters:
  ///   - loops: the number of event loops, 1 to 64.
  ///   - key: the key of the hash of names, from a random source.
  public init(loops: Int, limits: RegistryLimits = RegistryLimits(), rules: LoginRules, key: (UInt64, UInt64)) {
    precondition(loops >= 1 && loops <= ClientID.maxLoops)
    self.loops = loops
    self.limits = limits
    self.rules = rules
    hash = KeyedHash(key: key)
    refusals = RefusalLog(loops: loops)
    logs = FixedArray(count: loops) { _ in DeliveryLog() }
    takes = FixedArray(count: loops) { _ in 0 }
    clients = FixedArray(count: loops) { _ in ClientTable() }
  }

  deinit {
    // Topics own memory of their own; the rest goes with its table.
    for number in 0..<UInt32(topics.numbersGiven) {
      let topic = unsafe topics.address(number)
      unsafe topic.pointee.members.release()
      unsafe topic.pointee.watchers.release()
    }
  }

  /// The number of clients that are logged in, anonymous ones included.
  public var clientCount: Int { activeClients }
  /// The number of anonymous clients.
  public var anonymousCount: Int { anonymousClients }
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

  /// The record of a client whose LOGIN was served.
  @inline(__always) func record(_ client: ClientID) -> Client {
    clients[client.loop][Int(client.slot)]
  }

  /// Changes the record of a client whose LOGIN was served.
  @inline(__always) mutating func update(_ client: ClientID, _ change: (inout Client) -> Void) {
    change(&clients[client.loop][Int(client.slot)])
  }

  /// The topic with the name `bytes[range]`, if it exists.
  @inline(__always) func topic(_ bytes: RawSpan, _ range: Range<Int>, _ hash: UInt32) -> UInt32? {
    var cursor = topicIndex.first(hash)
    while let number = topicIndex.next(&cursor, hash) {
      if names.matches(topics[number].name, bytes, range) { return number }
    }
    return nil
  }

  /// The client that is logged in as `bytes[range]`, if there is one.
  @inline(__always) func client(_ bytes: RawSpan, _ range: Range<Int>, _ hash: UInt32) -> ClientID? {
    var cursor = identities.first(hash)
    while let raw = identities.next(&cursor, hash) {
      let client = ClientID(raw: raw)
      if names.matches(record(client).name, bytes, range) { return client }
    }
    return nil
  }

  /// The subscription of a client to a topic, if it exists.
  @inline(__always) func subscription(of client: ClientID, to topic: UInt32) -> UInt32? {
    let key = hash(client.raw, topic)
    var cursor = subscriptionIndex.first(key)
    while let number = subscriptionIndex.next(&cursor, key) {
      if subscriptions[number].client == client && subscriptions[number].topic == topic { return number }
    }
    return nil
  }
}
