// What `ssmp top` asks the server.

import CommandLineTools
import Glibc
import SSMPTransport

/// Which connections and topics are listed.
struct TopQuery: Equatable, Sendable {
  /// What the names begin with.
  var prefix = ""
  var order = ConnectionOrder.requests
  var topicOrder = TopicOrder.subscribers

  /// How long the server may take for its metrics, in milliseconds: it waits for each loop for two seconds at most.
  private static let patience: UInt32 = 4_000
  /// The most connections and topics of a listing. Beyond them, those are listed whose counter, not its rate, is largest.
  static let mostConnections = 2000
  static let mostTopics = 500
  /// The connections whose topics are asked for, to find the topics with pending output.
  static let mostBacklogged = 10

  /// Asks the server at this path for everything.
  ///
  /// - Parameter lists: false to leave out the listings.
  func sample(_ path: String, lists: Bool = true) throws -> TopSample {
    let connection = try AdminConnection(path)
    let response = try connection.get("/metrics", within: Self.patience)
    guard response.status == 200 else { throw Failure(.refused, "the server answers \(response.status) to /metrics") }
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return TopSample(
      nanoseconds: MonotonicTime.nanoseconds(), clock: Double(time.tv_sec),
      metrics: MetricsText(String(decoding: response.body, as: UTF8.self)), listing: lists ? try listing(path) : nil)
  }

  /// The listings. That the server refuses them, because a loop is stuck or all places are taken, is no failure.
  private func listing(_ path: String) throws -> TopListing {
    var listing = TopListing()
    listing.nanoseconds = MonotonicTime.nanoseconds()
    do {
      let connection = try AdminConnection(path)
      let filter = prefix.isEmpty ? "" : " \(prefix)"
      let connections = try connection.ask("connections\(filter) sort=\(order.key) limit=\(Self.mostConnections)")
      listing.connections = connections.lines.compactMap { ListedConnection($0) }
      listing.matchedConnections = connections.summary.number("matched") ?? listing.connections.count
      let topics = try connection.ask("topics\(filter) sort=\(topicOrder.key) limit=\(Self.mostTopics)")
      listing.topics = topics.lines.compactMap { ListedTopic($0) }
      listing.matchedTopics = topics.summary.number("matched") ?? listing.topics.count
      try addPending(to: &listing, connection)
    } catch let failure as Failure where failure.status == .refused {
      listing.problem = failure.message
    }
    return listing
  }

  /// Asks for the topics of the connections with the most pending output.
  private func addPending(to listing: inout TopListing, _ connection: AdminConnection) throws {
    let backlogged = listing.connections.filter { $0.pending > 0 }.sorted { $0.pending > $1.pending }
    for listed in backlogged.prefix(Self.mostBacklogged) {
      // It may have closed meanwhile.
      guard let answer = try? connection.ask("connection \(listed.handle)") else { continue }
      for line in answer.lines where line.fields.first?.key == "topic" {
        if let name = line["topic"] { listing.pendingOfTopics[name, default: 0] += listed.pending }
      }
    }
  }
}
