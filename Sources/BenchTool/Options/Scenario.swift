// What can be measured.

/// A load, by the name that the command line has for it.
enum Scenario: String, CaseIterable, Sendable {
  case unicast, multicast, broadcast, presence, connect, idle, mixed

  /// What it does, for the help text.
  var help: String {
    switch self {
    case .unicast: "each of N connections sends to others, picked at random for each message"
    case .multicast: "P publishers send to T topics, which S subscribers share"
    case .broadcast: "P of N connections, which share T topics, broadcast"
    case .presence: "N connections watch a topic; M of them leave and join again"
    case .connect: "connect, log in, close, and again, N at a time"
    case .idle: "N connections with a topic of their own and a common one; then a message to all"
    case .mixed: "N connections in T topics send to one, to a topic, and to all they share one with"
    }
  }

  /// The number of connections where none is asked for.
  var connections: Int {
    switch self {
    case .presence: 200
    case .connect: 64
    case .idle: 1000
    default: 100
    }
  }
}
