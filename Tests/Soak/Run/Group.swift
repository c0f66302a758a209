// A group of simulated clients, and the thread that moves them.

import FuzzHarness
import SSMPCore
import SSMPTransport

/// Some hundred clients that talk among themselves only, driven by one thread with one seed and judged by one model.
final class Group {
  let number: Int
  let model: Model
  let targets: Targets
  let shared: Shared
  let limits: SoakLimits
  var random: Chance
  let poller: Poller
  var clients: [Int: Client] = [:]
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 192 << 10, alignment: 64)
  /// The command that is being carried out.
  var command = Command.chaos
  var commandNumber = 0
  var isCommandDone = true
  /// How often this group is to say something more while all else is quiet.
  var knocksLeft = 0
  /// In how many of the next turns somebody says a little more.
  var trickle = 0
  /// When the command was given, or anything has come from the server since.
  var progressAt: UInt64 = 0
  /// The model's clock then.
  var progress: UInt64 = 0
  var time: UInt64 = 0
  /// How long the last turn took.
  var lastTurn: UInt64 = 0

  init(_ number: Int, seed: UInt64, targets: Targets, shared: Shared, limits: SoakLimits) throws {
    self.number = number
    self.targets = targets
    self.shared = shared
    self.limits = limits
    random = Chance(seed: seed)
    poller = try Poller()
    model = Model(Self.names(number), maxSubscriptions: limits.subscriptions)
  }

  deinit {
    scratch.deallocate()
  }

  /// The names of the group with this number.
  static func names(_ number: Int) -> Names {
    Names(group: number, open: 60, certificate: 12, revocable: 3, topics: 12)
  }

  /// Obeys commands until the last one, or until something is wrong.
  func run() {
    while shared.failure == nil {
      time = MonotonicTime.nanoseconds()
      takeCommand()
      if command == .end { break }
      turn()
      finishCommand()
      report()
      lastTurn = MonotonicTime.nanoseconds() - time
    }
    for client in clients.values { client.close() }
  }

  private func turn() {
    let count = poller.wait(milliseconds: 1)
    for index in 0..<count {
      let event = poller.event(index)
      clients[Int(event.token)]?.note(event)
    }
    for client in clients.values { serve(client) }
    // A turn that took long has left little time for the server on a busy machine.
    if isChaotic, lastTurn < 8_000_000 { act() }
  }

  /// True while clients do anything at any moment.
  var isChaotic: Bool { [.chaos, .serverStops, .serverHasStarted].contains(command) }

  /// Ends the run at the first violation.
  private func report() {
    guard let first = model.violations.first else { return }
    shared.fail(describe(first), concerned: concerned(first))
  }

  func concerned(_ violation: Violation) -> [String] {
    [violation.session, violation.other].compactMap { $0 }.map { model.names.text(identity: $0.identity) }
  }

  /// A violation, with what the clients concerned have done and seen.
  func describe(_ violation: Violation) -> [String] {
    var lines = ["group \(number): session \(violation.session.uid): \(violation.text)"]
    for session in [violation.session, violation.other].compactMap({ $0 }) {
      lines += describe(session)
    }
    return lines
  }

  func describe(_ session: Session) -> [String] {
    let name = model.names.text(identity: session.identity)
    let client = clients[session.uid]
    let output = client.map { ", \($0.situation)" } ?? ""
    return ["history of session \(session.uid), \(name) (\(session.label)\(output)):"]
      + session.history.lines(model.names)
  }
}

/// The server's limits, as far as clients have to know them.
struct SoakLimits: Sendable {
  var subscriptions = 8
  /// How long something may stay undone although nobody says anything any more, in seconds: less than the ping interval, after
  /// which a server that stands still would be woken by itself.
  var patience = 8.0
  /// The clients of a group.
  var clients = 90
}
