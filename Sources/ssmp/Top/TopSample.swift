// What a server says of itself at one moment.

import CommandLineTools

/// One look at the server.
struct TopSample: Sendable {
  /// When it was, in nanoseconds of the monotonic clock, and in seconds since 1970.
  var nanoseconds: UInt64
  var clock: Double
  var metrics: MetricsText
  /// The connections and topics; `nil` if they were not listed this time.
  var listing: TopListing?
}

/// The connections and topics that were listed.
struct TopListing: Sendable {
  /// When it was, in nanoseconds of the monotonic clock.
  var nanoseconds: UInt64 = 0
  var connections: [ListedConnection] = []
  /// How many there were to choose from.
  var matchedConnections = 0
  var topics: [ListedTopic] = []
  var matchedTopics = 0
  /// The pending output of the subscribers of topics, as far as it was asked for.
  var pendingOfTopics: [String: Int] = [:]
  /// Why there is no listing, in the server's words.
  var problem: String?
}

/// A connection of a listing.
struct ListedConnection: Equatable, Sendable {
  /// `#LOOP.SLOT.NUMBER`, which is never used again.
  var handle: String
  /// The identifier; `-` before the login.
  var id: String
  var peer = ""
  var seconds = 0
  var pending = 0
  var subscriptions = 0
  var requests = 0
  var bytesIn = 0
  var bytesOut = 0

  /// Reads a line of `connections`; `nil` if it is none.
  init?(_ line: AdminLine) {
    guard let handle = line["conn"], let id = line["id"] else { return nil }
    self.init(handle: handle, id: id)
    for field in line.fields {
      switch field.key {
      case "peer": peer = field.text
      case "seconds": seconds = line.number("seconds") ?? 0
      case "pending": pending = line.number("pending") ?? 0
      case "subscriptions": subscriptions = line.number("subscriptions") ?? 0
      case "requests": requests = line.number("requests") ?? 0
      case "bytes-in": bytesIn = line.number("bytes-in") ?? 0
      case "bytes-out": bytesOut = line.number("bytes-out") ?? 0
      default: break
      }
    }
  }

  init(handle: String, id: String) { (self.handle, self.id) = (handle, id) }
}

/// A topic of a listing.
struct ListedTopic: Equatable, Sendable {
  var name: String
  var subscribers: Int
  var watchers: Int

  /// Reads a line of `topics`; `nil` if it is none.
  init?(_ line: AdminLine) {
    guard let name = line["topic"], let subscribers = line.number("subscribers"), let watchers = line.number("watchers")
    else { return nil }
    self.init(name: name, subscribers: subscribers, watchers: watchers)
  }

  init(name: String, subscribers: Int, watchers: Int) {
    (self.name, self.subscribers, self.watchers) = (name, subscribers, watchers)
  }
}
