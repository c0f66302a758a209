// What `ssmp top` knows: the latest figures, and how they came about.

/// A connection with its rates, per second.
struct ConnectionRow: Sendable {
  var listed: ListedConnection
  /// `nil` if the connection was not in the listing before.
  var requests: Double?
  var bytesIn: Double?
  var bytesOut: Double?
}

/// A topic.
struct TopicRow: Sendable {
  var name: String
  /// `nil` if only a subscriber's pending output has brought the topic here.
  var subscribers: Int?
  var watchers: Int?
  /// The pending output of those of its subscribers that have the most of all.
  var pending = 0
}

/// Gathers looks at a server.
struct TopModel: Sendable {
  /// The latest figures of each look, for the sparklines.
  struct History: Sendable {
    private(set) var values: [Double] = []
    private static let longest = 1000

    mutating func add(_ value: Double?) {
      guard let value else { return }
      values.append(value)
      if values.count > Self.longest { values.removeFirst(values.count - Self.longest) }
    }
  }

  private(set) var figures: ServerFigures?
  private(set) var messages = History()
  private(set) var deliveries = History()
  private(set) var connectionCounts = History()
  private(set) var lags = History()
  private(set) var connections: [ConnectionRow] = []
  private(set) var topics: [TopicRow] = []
  private(set) var listing = TopListing()
  private var last: TopSample?
  private var counters: [String: ListedConnection] = [:]

  /// Takes another look in.
  mutating func take(_ sample: TopSample) {
    let figures = ServerFigures(sample, after: last)
    messages.add(figures.messages)
    deliveries.add(figures.deliveries)
    connectionCounts.add(figures.connections)
    lags.add(figures.lag)
    self.figures = figures
    last = sample
    if let listing = sample.listing { take(listing) }
  }

  private mutating func take(_ listing: TopListing) {
    let time = Double(listing.nanoseconds &- self.listing.nanoseconds) / 1e9
    connections = listing.connections.map { listed in
      var row = ConnectionRow(listed: listed)
      // Connections of a server that has been started again may have the same names, but count from 0.
      guard time > 0, let before = counters[listed.handle], before.id == listed.id || before.id == "-",
        before.requests <= listed.requests, before.bytesIn <= listed.bytesIn, before.bytesOut <= listed.bytesOut
      else { return row }
      row.requests = Double(listed.requests - before.requests) / time
      row.bytesIn = Double(listed.bytesIn - before.bytesIn) / time
      row.bytesOut = Double(listed.bytesOut - before.bytesOut) / time
      return row
    }
    counters = Dictionary(listing.connections.map { ($0.handle, $0) }) { $1 }
    topics = listing.topics.map { topic in
      TopicRow(
        name: topic.name, subscribers: topic.subscribers, watchers: topic.watchers,
        pending: listing.pendingOfTopics[topic.name] ?? 0)
    }
    let names = Set(listing.topics.map(\.name))
    topics += listing.pendingOfTopics.filter { !names.contains($0.key) }.map {
      TopicRow(name: $0.key, pending: $0.value)
    }
    self.listing = listing
  }
}
