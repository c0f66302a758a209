// Who connects, who subscribes to what, and who sends to whom.

import CommandLineTools
import SSMPCore

/// A scenario in numbers. Connections, senders and topics are numbers; senders are consecutive connections.
///
/// A recipient keeps one track for each sender that can reach it by each verb: its *lanes*.
struct Plan: Sendable {
  let options: BenchOptions
  let files: Files
  let scenario: Scenario
  let loops: Int
  let topics: Int
  /// All connections.
  private(set) var connections: Int
  /// The first connection that sends, and how many do.
  private(set) var senderBase = 0
  private(set) var senders: Int
  /// Those that subscribe to the topics, in turns: the first ones.
  private(set) var members: Int
  /// The recipients that a sender of unicasts picks from: those behind it in the circle of all. It is bounded, because each
  /// pair is checked by itself.
  private(set) var reach = 0
  /// Where the lanes of multicasts and broadcasts begin, and how many lanes there are.
  private(set) var multicastLane = 0
  private(set) var broadcastLane = 0
  private(set) var lanes = 0

  private static let longestReach = 255

  init(_ options: BenchOptions, _ files: Files) throws {
    self.options = options
    self.files = files
    scenario = options.scenario
    loops = options.loops
    topics = options.topicCount
    connections = options.connectionCount
    members = connections
    senders = connections
    switch scenario {
    case .unicast:
      reach = min(connections - 1, Self.longestReach)
      members = 0
    case .multicast:
      members = options.subscribers
      senders = options.publishers
      senderBase = members
      connections = members + senders
    case .broadcast: senders = options.publishers
    case .presence: senders = options.churners
    case .connect: senders = 0
    case .idle:
      senderBase = connections
      connections += 1
      senders = 1
    case .mixed: reach = min(connections - 1, Self.longestReach)
    }
    let perTopic = (senders + topics - 1) / topics
    multicastLane = reach
    broadcastLane = multicastLane + (scenario == .broadcast ? 0 : perTopic)
    lanes = broadcastLane + (scenario == .broadcast || scenario == .mixed ? perTopic : 0)
    if scenario == .presence { lanes = senders }
    try checkSize()
  }

  private func checkSize() throws(OptionError) {
    guard senders <= Stamp.senderLimit, connections * lanes <= 1 << 28 else {
      throw OptionError("these are too many pairs of senders and recipients to check; give fewer")
    }
  }

  /// The loop that a connection belongs to.
  func loop(of connection: Int) -> Int { connection % loops }
  /// The number of a loop's connections.
  func connections(of loop: Int) -> Int { (connections - loop + loops - 1) / loops }

  /// The name under which a connection logs in.
  func name(_ connection: Int) -> String { "\(options.user)/\(connection)" }
  /// A topic.
  func topic(_ number: Int) -> String { "\(options.user)/topic/\(number)" }

  /// The number of members of the topic that a sender is for.
  func groupSize(of sender: Int) -> Int {
    let topic = sender % topics
    return members / topics + (topic < members % topics ? 1 : 0)
  }

  /// The recipients of one message of a sender.
  func recipients(_ verb: Verb, of sender: Int) -> Int {
    switch verb {
    case .ucast: return 1
    // The publishers of multicast and idle are no members of their topic.
    case .mcast: return groupSize(of: sender) - (scenario == .mixed ? 1 : 0)
    case .bcast: return groupSize(of: sender) - 1
    default: return members - senders
    }
  }

  /// The requests by which a connection subscribes.
  func subscriptions(_ connection: Int) -> [String] {
    guard connection < members else { return [] }
    switch scenario {
    case .unicast, .connect: return []
    case .presence: return ["SUBSCRIBE \(topic(0)) PRESENCE\n"]
    case .idle: return ["SUBSCRIBE \(topic(0))\n", "SUBSCRIBE \(options.user)/own/\(connection)\n"]
    case .multicast, .broadcast, .mixed: return ["SUBSCRIBE \(topic(connection % topics))\n"]
    }
  }

  /// What a sender sends next, `chance` being a random byte.
  @inline(__always)
  func verb(_ chance: UInt8) -> Verb {
    switch scenario {
    case .unicast: .ucast
    case .broadcast: .bcast
    case .mixed: chance < Self.unicasts ? .ucast : chance < Self.unicasts + Self.multicasts ? .mcast : .bcast
    default: .mcast
    }
  }

  // Of 256 messages of `mixed`; the rest are broadcasts.
  private static let unicasts: UInt8 = 205
  private static let multicasts: UInt8 = 41

  /// The deliveries that a sender's window is worth.
  func deliveryWindow(of sender: Int) -> UInt64 {
    let window = Double(options.windowSize)
    guard scenario == .mixed else {
      return UInt64(options.windowSize * recipients(scenario == .presence ? .subscribe : verb(0), of: sender))
    }
    let unicasts = Double(Self.unicasts)
    let mean = (unicasts + (256 - unicasts) * Double(recipients(.mcast, of: sender))) / 256
    return UInt64(window * mean)
  }
}
