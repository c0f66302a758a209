// A server without sockets: the registry, its connections, and what they are given.

import SSMPCore

/// The server, as a plain value: jobs in, deliveries out. It has one event loop, and does what the
/// daemon's loop does between two reads: it parses and serves requests, takes the log, and works it
/// off.
///
/// After each job the log is empty, so what comes of a job does not depend on when the next one
/// comes.
struct LoopbackServer: ~Copyable {
  /// What a client, or a task, is given.
  enum Handover {
    case bytes(LoopbackConnection, [UInt8])
    case end(LoopbackConnection)
    case report(LoopbackCore.Reporter, UInt64)
  }

  let schemes: SchemeSet
  var registry: Registry
  /// The connection in each slot.
  var occupants: [LoopbackConnection?] = []
  var free: [UInt32] = []
  /// Slots that were left since the log was last taken: they are free when the next one is worked
  /// off.
  var leaving: [UInt32] = []
  /// The number of connections.
  private(set) var connectionCount = 0
  private var isStopped = false

  var batch = RequestBatch()
  var log = DeliveryLog()
  /// Connections whose requests go on.
  var ready: [LoopbackConnection] = []
  /// Connections that have more of an initial batch of presence to get.
  var owedRosters: [LoopbackConnection] = []
  /// Connections that are given something after the job in progress.
  var touched: [LoopbackConnection] = []
  /// What is to be given, in order.
  private(set) var deliveries: [Handover] = []
  /// The number of jobs and of deliveries so far.
  private var activity: UInt64 = 0

  init(schemes: SchemeSet, secret: Secret?, mostClients: Int, mostSubscriptions: Int) {
    self.schemes = schemes
    // The names come from tests, so the key of the hash need not be secret; and every run is to be
    // like the one before.
    registry = Registry(
      loops: 1, limits: RegistryLimits(subscriptions: mostSubscriptions), rules: LoginRules(secret: secret),
      key: (0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344))
    registry.maxClients = mostClients
  }

  /// Takes what is to be given.
  mutating func takeDeliveries() -> [Handover] {
    defer { deliveries = [] }
    return deliveries
  }

  // MARK: Jobs

  mutating func serve(_ job: LoopbackCore.Job) {
    activity += 1
    switch job {
    case .connect(let connection): accept(connection)
    case .input(let connection, let bytes):
      guard connection.client != nil, !connection.isOver else { return }
      connection.input += bytes
      if !connection.isHeld { serveInput(of: connection) }
    case .close(let connection):
      connection.output = []
      connection.owesEnd = false
      drop(connection)
    case .report(let reporter):
      activity -= 1
      deliveries.append(.report(reporter, activity))
      return
    }
    settle()
  }

  private mutating func accept(_ connection: LoopbackConnection) {
    guard !isStopped else {
      connection.isOver = true
      connection.owesEnd = true
      return touch(connection)
    }
    let slot = free.popLast() ?? UInt32(occupants.count)
    if slot == occupants.count { occupants.append(connection) } else { occupants[Int(slot)] = connection }
    connection.client = ClientID(loop: 0, slot: slot)
    connectionCount += 1
  }

  // MARK: What tests do

  /// Ends a client's connection; false if there is none.
  mutating func disconnect(_ id: [UInt8]) -> Bool {
    guard let client = registry.client(named: id), let connection = occupants[Int(client.slot)] else { return false }
    end(connection)
    settle()
    return true
  }

  /// Ends all connections, and new ones until `start`.
  mutating func stop() {
    isStopped = true
    let all = occupants.compactMap { $0 }
    for connection in all { end(connection) }
    settle()
  }

  mutating func start() { isStopped = false }

  /// Applies access rules, and closes clients that use a right which they no longer have.
  mutating func restrict(_ rules: AccessRules?) {
    registry.replaceAccess(rules)
    while registry.recheck(on: 0, steps: 512) != .done { settle() }
    settle()
  }

  // MARK: What tests are told

  /// The identifiers of the clients that are logged in.
  var clients: [[UInt8]] {
    var all: [[UInt8]] = []
    for connection in occupants {
      if let client = connection?.client, let id = registry.identifier(of: client) { all.append(id) }
    }
    return all
  }

  /// The members of a topic.
  func members(of topic: [UInt8]) -> [SubscriptionSummary] {
    var all: [SubscriptionSummary] = []
    var start: Int? = 0
    while let from = start, let page = registry.subscribers(of: topic, from: from, atMost: 1000) {
      all += page.items
      start = page.next
    }
    return all
  }

  // MARK: Connections

  /// Ends a connection: its client is told, behind all that it is to be given.
  mutating func end(_ connection: LoopbackConnection) {
    guard !connection.isOver else { return }
    connection.owesEnd = true
    touch(connection)
    drop(connection)
  }

  /// Forgets a connection: nothing more is served for it, and its client leaves the registry.
  private mutating func drop(_ connection: LoopbackConnection) {
    guard !connection.isOver else { return }
    connection.isOver = true
    connection.isHeld = false
    connection.input = []
    guard let client = connection.client else { return }
    registry.leave(client)
    leaving.append(client.slot)
    connectionCount -= 1
  }

  /// Notes that a connection is given something after this job.
  mutating func touch(_ connection: LoopbackConnection) {
    guard !connection.isTouched else { return }
    connection.isTouched = true
    touched.append(connection)
  }

  /// Gives connections what has been gathered for them.
  mutating func flush() {
    for connection in touched {
      connection.isTouched = false
      if !connection.output.isEmpty {
        deliveries.append(.bytes(connection, connection.output))
        connection.output = []
        activity += 1
      }
      if connection.owesEnd {
        connection.owesEnd = false
        deliveries.append(.end(connection))
        activity += 1
      }
    }
    touched.removeAll(keepingCapacity: true)
  }
}
