// A conversation with an operator.

import CommandLineTools
import Glibc
import SSMPCore
import SSMPTransport

/// Carries out what an operator says, line by line. Listings and taps have files of their own.
struct AdminSession: ~Copyable {
  var connection: AdminConnection
  let server: AdminServer
  var hub: Hub { server.hub }

  init(_ connection: consuming AdminConnection, server: AdminServer) {
    self.connection = connection
    self.server = server
  }

  /// How long a reload may take, in milliseconds: a revocation list of 64 MiB takes some seconds.
  private static let reloadTime: UInt32 = 120_000

  /// Serves commands until the operator ends.
  mutating func run() {
    while !connection.isBroken {
      switch connection.part(limit: AdminCommand.longestLine, within: server.idleTime) {
      case .end: return
      case .late: return dismiss("nothing was said for \(server.idleTime / 1000) s")
      case .evicted: return dismiss(Self.displaced)
      case .tooLong:
        connection.write("error: a line has at most \(AdminCommand.longestLine) bytes")
        return connection.finish()
      case .line(let line):
        let command = Result { () throws(AdminError) in try AdminCommand(line) }
        switch command {
        case .success(.nothing): continue
        case .success(.http(let start)): return answerHTTP(start)
        default: break
        }
        guard connection.beginAnswer() else { return dismiss(Self.displaced) }
        // Nonsense, too: its answer may never be read, and for that there are fewer places than for health checks.
        guard connection.becomeOperator() else {
          server.refused.add(1, ordering: .relaxed)
          connection.write("error: \(AdminError.full)")
          return connection.finish()
        }
        do throws(AdminError) {
          try serve(command.get())
        } catch {
          connection.write("error: \(error)")
        }
        connection.flush()
        connection.endAnswer()
      }
    }
  }

  private static let displaced = "another connection needs the place of this one, which said nothing"

  /// Ends a connection on which nobody has said anything. It is told why as far as that costs no wait.
  private mutating func dismiss(_ reason: String) {
    _ = connection.socket.send(Array("error: closed: \(reason)\n".utf8), patience: 0)
  }

  private mutating func serve(_ command: AdminCommand) throws(AdminError) {
    switch command {
    case .nothing, .http: return
    case .help: connection.write(AdminCommand.helpLines)
    case .stats: connection.write(stats(hub.counts(), ProcessFacts()).map(\.text))
    case .connections(let selection): return try listConnections(selection)
    case .connection(let id): try show(id)
    case .topics(let selection): return try listTopics(selection)
    case .topic(let name): return try listSubscribers(name)
    case .close(let id): try close(id)
    case .logLevel(let level): setLevel(level)
    case .tap(let id, let showsPayload): return try tap(id, showsPayload)
    case .reload: return try reload()
    case .drain: return try drain()
    }
    connection.write("ok")
  }

  /// What `stats` says.
  func stats(_ counts: ServerCounts, _ process: ProcessFacts) -> [FactLine] {
    [
      FactLine(
        "server",
        [
          Fact("version", Server.version), Fact("pid", getpid()),
          Fact("seconds", Ticks.seconds() &- server.context.started), Fact("loops", hub.loops),
          Fact("draining", hub.isDraining),
        ]),
      FactLine(
        "process",
        [
          Fact("memory", process.residentBytes), Fact("descriptors", process.descriptors),
          Fact("log-lines-lost", hub.log.linesLost), Fact("admins", server.admins.count),
        ]),
    ] + counts.facts(pending: hub.totalPending, connections: hub.admissions.count)
  }

  private mutating func close(_ id: String) throws(AdminError) {
    let handle = try find(id)
    guard try answer(of: handle.loop, { $0.closeForOperator(handle) }) else {
      throw AdminError("\(id.printable) is closing already")
    }
    hub.log.write(.notice, "admin close conn=\(handle) id=\(id.logged)")
    connection.write("conn=\(handle) closed=true")
  }

  private mutating func setLevel(_ level: LogLevel) {
    hub.log.change(to: level) { hub.log.write(.notice, "admin log-level level=\(level.name)") }
    connection.write("log-level=\(level.name)")
  }

  private mutating func reload() throws(AdminError) {
    let result = Handover<Result<[String], ReloadFailure>>()
    hub.reload { result.give($0) }
    switch result.wait(milliseconds: Self.reloadTime) {
    case .success(let lines):
      connection.write(lines.filter { !$0.isEmpty })
      connection.write("ok")
    case .failure(let failure): throw AdminError("reload failed: \(failure.description)")
    case nil: throw AdminError("the reload has not ended within \(Self.reloadTime / 1000) s; the log will tell")
    }
  }

  /// The very signal that an orderly end begins with, so that there is one way down. The answer goes first: the process may
  /// end at any moment then.
  private mutating func drain() throws(AdminError) {
    guard !hub.isDraining, !server.isDrainAsked.exchange(true, ordering: .relaxed) else {
      throw AdminError("draining already")
    }
    hub.log.write(.notice, "admin drain")
    connection.write("ok")
    connection.flush()
    kill(getpid(), SIGTERM)
  }

  /// The connection of an identifier, or of a handle.
  func find(_ id: String) throws(AdminError) -> ConnectionHandle {
    if id.hasPrefix("#") {
      guard let handle = ConnectionHandle(id), handle.loop < hub.loops else {
        throw AdminError("'\(id.printable)' is not a connection; say #LOOP.SLOT.NUMBER as listings show it")
      }
      guard try answer(of: handle.loop, { $0.slot(of: handle) != nil }) else {
        throw AdminError("there is no connection \(handle)")
      }
      return handle
    }
    let name = Array(id.utf8)
    let client = try answerOfAny { $0.hub.withRegistry { $0.client(named: name) } }
    guard let client, let handle = try answer(of: client.loop, { $0.handle(of: client, named: name) }) else {
      throw AdminError("nobody is logged in as '\(id.printable)'")
    }
    return handle
  }

  /// What a loop answers.
  func answer<Answer: Sendable>(
    of loop: Int, _ question: @escaping @Sendable (inout EventLoop) -> Answer
  ) throws(AdminError) -> Answer {
    guard let answer = hub.ask(loop, question) else { throw AdminError("loop \(loop) does not answer") }
    return answer
  }

  /// What the first loop answers that is not stuck, of something that all know.
  func answerOfAny<Answer: Sendable>(
    _ question: @escaping @Sendable (inout EventLoop) -> Answer
  ) throws(AdminError) -> Answer {
    for loop in 0..<hub.loops {
      if let answer = hub.ask(loop, question) { return answer }
    }
    throw AdminError("no loop answers")
  }
}
