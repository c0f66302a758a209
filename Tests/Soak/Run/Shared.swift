// What the threads of a run share.

import SSMPTransport

/// What all groups are to do. Each says when it has done it.
enum Command: Equatable {
  /// Do anything at any moment.
  case chaos
  /// The server is about to go down; chaos goes on.
  case serverStops
  /// Another server serves.
  case serverHasStarted
  /// Say nothing, read everything, and wait until nothing is outstanding. Nothing wakes the server meanwhile.
  case keepQuiet
  /// The group with this number says something, and when all has arrived something more; the others say nothing. Each time
  /// nothing but this wakes the server.
  case knock(Int)
  /// Ask the server for one answer on each connection.
  case ping
  /// Judge and forget what is over.
  case settle
  /// End all connections.
  case leave
  /// Return.
  case end
}

/// What a group expects the server to count of it.
struct ExpectedCounts: Equatable {
  var clients = 0
  var topics = 0
  var subscriptions = 0

  static func + (one: ExpectedCounts, other: ExpectedCounts) -> ExpectedCounts {
    ExpectedCounts(
      clients: one.clients + other.clients, topics: one.topics + other.topics,
      subscriptions: one.subscriptions + other.subscriptions)
  }
}

/// A connection that the server has ended for a reason that the model does not know.
struct UnexplainedEnd {
  /// How the log names it: `id=NAME`, or `peer=ADDRESS` of a client that has not logged in.
  let key: String
  /// How long after it had connected its LOGIN was sent, in milliseconds; `nil` when it is logged in, or has not sent it.
  let loginSent: Int?
  let report: [String]
}

/// The place where threads meet.
final class Shared: Sendable {
  private struct State {
    var command = Command.chaos
    var number = 0
    /// The command that each group has carried out last.
    var done: [Int]
    var expected: [ExpectedCounts]
    var counts: [Model.Counts]
    var unexplained: [UnexplainedEnd] = []
    var failure: [String]?
    /// The identities concerned.
    var concerned: [String] = []
    var bystandersAreQuiet = false
    /// The server's `--login-timeout`, in milliseconds.
    var loginTimeout = 0
  }

  private let state: Locked<State>

  init(groups: Int) {
    state = Locked(
      State(
        done: Array(repeating: 0, count: groups), expected: Array(repeating: ExpectedCounts(), count: groups),
        counts: Array(repeating: Model.Counts(), count: groups)))
  }

  /// Gives a command.
  func give(_ command: Command) {
    state.withLock {
      $0.command = command
      $0.number += 1
    }
  }

  /// The command, and its number.
  var command: (Command, Int) { state.withLock { ($0.command, $0.number) } }

  /// A group has carried out a command.
  func done(_ group: Int, _ number: Int, _ expected: ExpectedCounts, _ counts: Model.Counts) {
    state.withLock {
      $0.done[group] = number
      $0.expected[group] = expected
      $0.counts[group] = counts
    }
  }

  /// True when all groups have carried out the last command.
  var allDone: Bool { state.withLock { state in state.done.allSatisfy { $0 == state.number } } }
  /// What the server is expected to count.
  var expected: ExpectedCounts { state.withLock { $0.expected.reduce(ExpectedCounts(), +) } }
  /// What has been judged.
  var counts: [Model.Counts] { state.withLock { $0.counts } }

  /// The first failure is the one that is reported.
  ///
  /// - Parameter concerned: the identities of the clients concerned, as the server knows them.
  func fail(_ lines: [String], concerned: [String] = []) {
    state.withLock {
      guard $0.failure == nil else { return }
      $0.failure = lines
      $0.concerned = concerned
    }
  }

  var concerned: [String] { state.withLock { $0.concerned } }

  var failure: [String]? { state.withLock { $0.failure } }

  func add(_ end: UnexplainedEnd) {
    state.withLock { $0.unexplained.append(end) }
  }

  func takeUnexplained() -> [UnexplainedEnd] {
    state.withLock { state in
      defer { state.unexplained = [] }
      return state.unexplained
    }
  }

  var loginTimeout: Int {
    get { state.withLock { $0.loginTimeout } }
    set { state.withLock { $0.loginTimeout = newValue } }
  }

  /// While this is set the bystanders say nothing either.
  var bystandersAreQuiet: Bool {
    get { state.withLock { $0.bystandersAreQuiet } }
    set { state.withLock { $0.bystandersAreQuiet = newValue } }
  }
}
