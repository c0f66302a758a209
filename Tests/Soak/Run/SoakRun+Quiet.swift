// Quiet moments, and what comes back after everybody has left.

import Glibc

extension SoakRun {
  /// Waits until all groups have carried out a command.
  func carryOut(_ command: Command, seconds: Double) throws {
    shared.give(command)
    try waitUntil("all groups carry out \(command)", seconds: seconds) {
      try checkProgress()
      return shared.allDone
    }
  }

  /// Nobody says anything. What is on its way must arrive without anybody waking the server, and then everything is known.
  func quiet() throws {
    shared.bystandersAreQuiet = true
    // The groups fail by themselves when nothing comes for too long; a slow machine may take its time.
    let bound = options.limits.patience + 120
    try carryOut(.keepQuiet, seconds: bound)
    try carryOut(.ping, seconds: bound)
    try expectCounts(shared.expected)
    try carryOut(.settle, seconds: bound)
    // Now every client is known to be there, so each must receive what is said.
    for group in 0..<options.groups { try carryOut(.knock(group), seconds: bound + 60) }
    try carryOut(.settle, seconds: bound)
    shared.bystandersAreQuiet = false
  }

  /// Everybody but the bystanders leaves. What the server has taken for them must come back.
  func everybodyLeaves() throws {
    try carryOut(.leave, seconds: options.limits.patience + 120)
    try expectCounts(ExpectedCounts(), isEmpty: true)
    try waitUntil("descriptors come back: \(memory.descriptors) before, \(server.descriptors) now", seconds: 20) {
      server.descriptors <= memory.descriptors
    }
    try memory.noteEmpty(server.residentKiB)
  }

  /// Compares with what the server counts.
  ///
  /// - Parameter isEmpty: there is nobody but bystanders, nor anything pending.
  private func expectCounts(_ expected: ExpectedCounts, isEmpty: Bool = false) throws {
    var found: [String: Int] = [:]
    let clients = expected.clients + bystanders.connected
    do {
      try waitUntil("counts", seconds: 20) {
        found = server.stats ?? [:]
        let isRight =
          found["logged-in"] == clients && found["topics"] == expected.topics
          && found["subscriptions"] == expected.subscriptions
        return isRight && (!isEmpty || found["connections"] == clients && found["pending"] == 0)
      }
    } catch {
      let names = ["connections", "logged-in", "topics", "subscriptions", "pending"]
      throw Finding(
        "the server does not count \(clients) clients, \(expected.topics) topics, \(expected.subscriptions) subscriptions"
          + (isEmpty ? ", and no other connection nor anything pending: " : ": ")
          + names.map { "\($0)=\(found[$0] ?? -1)" }.joined(separator: " "))
    }
  }

  /// Starts a server, the first or the next one.
  func startServer() throws {
    server.hasTinySteps = random.once(in: 2)
    // Some servers are impatient: they send PINGs, and close whoever does not log in. On a busy machine that is everybody now
    // and then.
    let isImpatient = random.once(in: 4)
    server.files.pingInterval = isImpatient ? 2 : 600
    server.files.loginTimeout = isImpatient ? 2000 : 20_000
    shared.loginTimeout = server.files.loginTimeout
    try server.files.writeConfiguration()
    try server.start()
    ChildGuard.pid = server.pid
    bystanders.interrupt(false)
    memory.begin(residentKiB: server.residentKiB)
  }

  /// The server goes down in good order while clients do what they like, and another one takes its place on the same sockets.
  func restart() throws {
    restarts += 1
    try carryOut(.serverStops, seconds: 20)
    bystanders.interrupt(true)
    server.signal(SIGTERM)
    if random.once(in: 4) {
      usleep(100_000)
      // The second time it does not wait.
      server.signal(SIGTERM)
    }
    try server.waitForEnd(seconds: 20)
    usleep(UInt32(random.below(300_000)))
    try startServer()
    try carryOut(.serverHasStarted, seconds: 20)
  }

  /// What a run has done, for people.
  var summary: [String] {
    let counts = shared.counts
    func sum(_ field: (Model.Counts) -> Int) -> Int { counts.reduce(0) { $0 + field($1) } }
    let readers = closedReaders.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return [
      "rounds=\(rounds) restarts=\(restarts) reloads=\(operatorWork.reloads) refused-reloads=\(operatorWork.refusals)",
      "connections=\(sum(\.sessions)) takeovers=\(sum(\.takeovers)) answers=\(sum(\.answers)) "
        + "messages=\(sum(\.deliveries)) announcements=\(sum(\.announcements))",
      Bystanders.Times.line("PING", bystanders.times.pings),
      Bystanders.Times.line("message", bystanders.times.messages),
      "closed by limits: slow readers=\(sum(\.poorReadersClosed)) others=\(sum(\.readersClosed)) \(readers)",
      memory.line,
    ]
  }
}

/// What the server holds when nobody is there.
struct MemoryWatch {
  private(set) var descriptors = 0
  private var atStart = 0
  private var first: Int?
  private var last = 0
  private var most = 0

  /// By how much memory may grow from one empty moment to a later one, and from the start: tables keep their size, and the
  /// allocator some of what is free.
  static let growthKiB = 24 << 10
  static let footprintKiB = 96 << 10

  /// A server has started.
  mutating func begin(residentKiB: Int) {
    atStart = residentKiB
    first = nil
  }

  /// What the first server has open when it has been left by all, or before anybody has come: each one needs as many.
  mutating func begin(descriptors: Int) {
    self.descriptors = descriptors
  }

  /// Everybody has left.
  mutating func noteEmpty(_ residentKiB: Int) throws {
    last = residentKiB
    most = max(most, residentKiB)
    if let first, residentKiB > first + Self.growthKiB {
      throw Finding("memory grows: \(first) KiB when all had left the first time, \(residentKiB) KiB now")
    }
    if residentKiB > atStart + Self.footprintKiB {
      throw Finding("memory does not come back: \(atStart) KiB at the start, \(residentKiB) KiB now that all have left")
    }
    first = first ?? residentKiB
  }

  var line: String { "resident: \(atStart) KiB at the last start, \(last) KiB when all had left, \(most) KiB at most" }
}
