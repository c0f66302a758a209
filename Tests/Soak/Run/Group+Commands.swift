// Obeying the coordinator.

import SSMPTransport

extension Group {
  func takeCommand() {
    let (given, number) = shared.command
    guard number != commandNumber else { return }
    command = given
    commandNumber = number
    progressAt = time
    isCommandDone = false
    switch given {
    case .serverStops: model.serverStops()
    case .serverHasStarted: model.serverHasStarted()
    case .ping:
      for client in clients.values where client.session.loggedIn != nil { send(.ping, from: client) }
    case .settle: model.settle()
    case .leave: leaveAll()
    case .keepQuiet: becomeQuiet()
    case .knock(self.number): knocksLeft = 10 + random.below(20)
    case .knock, .chaos, .end: break
    }
  }

  /// Tells the coordinator when the command has been carried out, and fails when nothing comes from the server for too long.
  func finishCommand() {
    guard !isCommandDone else { return }
    if model.now != progress {
      progress = model.now
      progressAt = time
    }
    let isDone: Bool
    switch command {
    case .keepQuiet, .ping: isDone = areClientsQuiet && model.outstanding(limit: 1).isEmpty
    case .knock(number):
      isDone = areClientsQuiet && model.outstanding(limit: 1).isEmpty && knocksLeft == 0
      if !isDone { knockAgain() }
    case .leave: isDone = clients.isEmpty
    default: isDone = true
    }
    if isDone {
      isCommandDone = true
      shared.done(number, commandNumber, expected, model.counts)
    } else if Double(time - progressAt) / 1e9 > limits.patience {
      isCommandDone = true
      fail(after: limits.patience)
    }
  }

  private var areClientsQuiet: Bool { clients.values.allSatisfy { $0.isQuiet && $0.state == .open } }

  /// Says something more when all has arrived.
  private func knockAgain() {
    if trickle > 0 {
      trickle -= 1
      clients.values.randomElement(using: &random).map { knock($0, most: 1) }
    }
    guard knocksLeft > 0, areClientsQuiet, model.outstanding(limit: 1).isEmpty else { return }
    knocksLeft -= 1
    // Two clients, likely of different loops: what one says can come while a loop is busy with what the other has said. The
    // same goes for what is said in the next milliseconds.
    trickle = random.pick([0, 0, 1, 2, 3])
    for _ in 0..<2 {
      clients.values.randomElement(using: &random).map { knock($0, most: random.pick([1, 2, 30, 250])) }
    }
  }

  private func fail(after seconds: Double) {
    let found = model.outstanding()
    let stuck = clients.values.first { !$0.isQuiet || $0.state != .open }
    var lines = [
      "group \(number): \(seconds) s without anything from the server, and something is outstanding after \(command) (\(clients.count) connections):"
    ]
    lines += found.map { "session \($0.session.uid): \($0.text)" }
    if let first = found.first { lines += describe(first) }
    if let stuck, found.isEmpty { lines += describe(stuck.session) }
    shared.fail(lines, concerned: found.prefix(1).flatMap { concerned($0) })
    // What the server says of the clients is asked while they are there.
    Poller.rest(nanoseconds: 3_000_000_000)
  }

  /// Everybody says what is half said, and reads everything.
  private func becomeQuiet() {
    // The last thing that happens can be that many leave at once.
    if random.once(in: 2) { departTogether() }
    for client in clients.values where client.session.isSilent || client.session.login == nil {
      end(client, .own)
    }
    for client in clients.values { client.stoppedUntil = 0 }
  }

  /// A part of all clients breaks off in the same moment.
  func departTogether() {
    let share = random.pick([3, 4, 10])
    for client in clients.values where random.once(in: share) {
      model.reset(client.session)
      end(client, .own, abruptly: true)
    }
  }

  private func leaveAll() {
    let isAbrupt = random.once(in: 2)
    for client in clients.values {
      if !isAbrupt, client.session.loggedIn != nil, !client.session.isHalfClosed {
        send(.close, from: client)
      } else {
        model.reset(client.session)
        end(client, .own, abruptly: isAbrupt)
      }
    }
  }

  /// What the server is expected to count.
  var expected: ExpectedCounts {
    var result = ExpectedCounts()
    var topics: Set<Int> = []
    for session in model.alive {
      result.clients += 1
      for topic in model.names.topics.indices where session.subscriptions[topic] != nil {
        result.subscriptions += 1
        topics.insert(topic)
      }
    }
    result.topics = topics.count
    return result
  }
}
