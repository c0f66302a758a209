// The figures of ssmp top.

import Testing

@testable import ssmp

@Suite("Figures of top")
struct TopModelTests {
  /// A look at a server whose counters stand at so much.
  static func sample(
    seconds: UInt64, messages: Int = 0, start: Int = 1000, turns: [Int] = [0, 0, 0], up: Int = 1,
    listing: TopListing? = nil
  ) -> TopSample {
    let text = """
      # HELP ssmpd_build_info What is running.
      ssmpd_build_info{version="1.2.3"} 1
      process_start_time_seconds \(start)
      process_resident_memory_bytes 10485760
      ssmpd_connections{state="logged-in",scheme="open"} 3
      ssmpd_connections{state="waiting",scheme="none"} 1
      ssmpd_requests_total{verb="ucast"} \(messages)
      ssmpd_requests_total{verb="mcast"} \(messages)
      ssmpd_requests_total{verb="ping"} 999
      ssmpd_events_total \(5 * messages)
      ssmpd_pending_bytes 2048
      ssmpd_pending_limit_bytes 268435456
      ssmpd_loop_up{loop="0"} \(up)
      ssmpd_loop_busy_seconds_total{loop="0"} \(Double(seconds) / 4)
      ssmpd_config_last_reload_successful 1
      ssmpd_loop_turn_duration_seconds_bucket{loop="0",le="0.001"} \(turns[0])
      ssmpd_loop_turn_duration_seconds_bucket{loop="0",le="0.01"} \(turns[1])
      ssmpd_loop_turn_duration_seconds_bucket{loop="0",le="+Inf"} \(turns[2])
      """
    return TopSample(
      nanoseconds: seconds * 1_000_000_000, clock: Double(start + 60), metrics: MetricsText(text), listing: listing)
  }

  static func connection(_ id: String, requests: Int = 0, pending: Int = 0, handle: String? = nil) -> ListedConnection {
    var connection = ListedConnection(handle: handle ?? "#0.\(id).1", id: id)
    connection.requests = requests
    connection.pending = pending
    return connection
  }

  static func listing(seconds: UInt64, _ connections: [ListedConnection]) -> TopListing {
    var listing = TopListing()
    listing.nanoseconds = seconds * 1_000_000_000
    listing.connections = connections
    listing.matchedConnections = connections.count
    return listing
  }

  @Test("Rates are differences by the time between two looks; the first look has none")
  func rates() {
    var model = TopModel()
    model.take(Self.sample(seconds: 10, messages: 100))
    #expect(model.figures?.messages == nil)
    #expect(model.figures?.version == "1.2.3")
    #expect(model.figures?.connections == 4 && model.figures?.loggedIn == 3)
    #expect(model.figures?.seconds == 60)
    model.take(Self.sample(seconds: 12, messages: 200))
    #expect(model.figures?.messages == 100)
    #expect(model.figures?.deliveries == 250)
    #expect(model.figures?.loops == [ServerFigures.Loop(number: 0, isStuck: false, busy: 0.25)])
    #expect(model.messages.values == [100])
    #expect(model.connectionCounts.values == [4, 4])
  }

  @Test("After a restart of the server there are no rates, and none is negative")
  func restart() {
    var model = TopModel()
    model.take(Self.sample(seconds: 1, messages: 1000))
    model.take(Self.sample(seconds: 2, messages: 10, start: 2000))
    #expect(model.figures?.messages == nil)
    model.take(Self.sample(seconds: 3, messages: 10, start: 2000, up: 0))
    #expect(model.figures?.messages == 0)
    #expect(model.figures?.loops.first?.isStuck == true)
  }

  @Test("Lag is a quantile of the turns since the look before")
  func lag() {
    let before = [(bound: 0.001, count: 50.0), (bound: 0.01, count: 50.0), (bound: .infinity, count: 50.0)]
    func after(_ counts: Double...) -> [(bound: Double, count: Double)] {
      zip(before, counts).map { (bound: $0.bound, count: 50 + $1) }
    }
    #expect(Lag.quantile(0.99, from: before, to: before) == nil)
    #expect(Lag.quantile(0.5, from: before, to: after(100, 100, 100)) == 0.0005)
    #expect(Lag.quantile(0.5, from: before, to: after(0, 100, 100)).map { abs($0 - 0.0055) < 1e-9 } == true)
    #expect(Lag.quantile(0.99, from: before, to: after(0, 0, 7)) == 0.01)
    #expect(Lag.quantile(0.99, from: [], to: before) == nil)
    var model = TopModel()
    model.take(Self.sample(seconds: 1, turns: [5, 5, 5]))
    model.take(Self.sample(seconds: 2, turns: [5, 5, 6]))
    model.take(Self.sample(seconds: 3, turns: [5, 5, 6]))
    #expect(model.lags.values == [0.01, 0])
  }

  @Test("A connection has rates if it was there before, by the time between the listings")
  func connections() {
    var model = TopModel()
    let first = Self.listing(seconds: 1, [Self.connection("a", requests: 10)])
    model.take(Self.sample(seconds: 1, listing: first))
    model.take(Self.sample(seconds: 2))
    #expect(model.connections.map(\.requests) == [nil])
    let second = Self.listing(
      seconds: 3, [Self.connection("a", requests: 30), Self.connection("b", requests: 5)])
    model.take(Self.sample(seconds: 3, listing: second))
    #expect(model.connections.map(\.requests) == [10, nil])
    // Another connection in the same place, of a server that was started again.
    model.take(Self.sample(seconds: 4, listing: Self.listing(seconds: 4, [Self.connection("a", requests: 2)])))
    #expect(model.connections.map(\.requests) == [nil])
  }

  @Test("A topic that only a subscriber's pending output brings is there, too")
  func topics() {
    var listing = TopListing()
    listing.topics = [ListedTopic(name: "t", subscribers: 4, watchers: 1)]
    listing.pendingOfTopics = ["t": 100, "u": 200]
    var model = TopModel()
    model.take(Self.sample(seconds: 1, listing: listing))
    let rows = model.topics.sorted(by: TopicOrder.pending.isBefore)
    #expect(rows.map(\.name) == ["u", "t"])
    #expect(rows.map(\.pending) == [200, 100])
    #expect(rows.map(\.subscribers) == [nil, 4])
  }

  @Test("A line of -b has the same keys always, and `-` for what is not known")
  func batch() {
    var model = TopModel()
    model.take(Self.sample(seconds: 1))
    let unknown = BatchText.line(model, at: "now")
    #expect(unknown.hasPrefix("at=now version=1.2.3 seconds=60 connections=4 logged-in=3 "))
    #expect(unknown.contains(" messages-per-second=- "))
    let listing = Self.listing(seconds: 1, [Self.connection("a", requests: 1), Self.connection("b", pending: 7)])
    model.take(Self.sample(seconds: 1, listing: listing))
    let later = Self.listing(seconds: 2, [Self.connection("a", requests: 6), Self.connection("b", pending: 9)])
    model.take(Self.sample(seconds: 2, messages: 3, listing: later))
    let known = BatchText.line(model, at: "now")
    #expect(known.contains(" messages-per-second=6.0 deliveries-per-second=15.0 "))
    #expect(known.hasSuffix(" busiest=a busiest-requests-per-second=5.0 most-pending=b most-pending-bytes=9"))
    #expect(AdminLine(known.utf8).fields.map(\.key) == AdminLine(unknown.utf8).fields.map(\.key))
  }
}
