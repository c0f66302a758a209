// The state of flow control.

import Containers

/// What flow control knows: the reasons to check requests before they are served, the steps that
/// the present step of the registry has taken, which clients wait for which obstacle, and how many
/// members of each topic are congested.
struct FlowControl: ~Copyable {
  /// Reasons, beside the logs, for which each request has to be looked at before it is served.
  struct Stops: OptionSet {
    let rawValue: UInt8
    /// The client that is served has used up its share of this time.
    static let spent = Stops(rawValue: 1)
    /// Some recipient is congested.
    static let congested = Stops(rawValue: 2)
    /// All connections together have much pending.
    static let pressed = Stops(rawValue: 4)
    /// Not everybody has been told of all departures.
    static let departing = Stops(rawValue: 8)
    /// A broadcast has not reached all peers.
    static let unfinished = Stops(rawValue: 16)
  }

  var stops: Stops = []
  /// What the loop has said of the sender that is being served.
  var sender = SenderState()
  /// The steps of the step in progress: a request is 16, a member that is looked at is one.
  var steps = 0
  /// True when the wait that it ended with keeps others waiting.
  var isShared = false
  /// The clients that wait, but for those that wait for a log.
  var waiters: [Obstacle: [ClientID]] = [:]
  /// The number of congested clients.
  var congestedClients = 0
  /// The congested members of topics that have any.
  var topics = Slab<TopicCongestion>(filler: TopicCongestion())
}
