// What a directory stands for.

import SSMPClient

/// Where messages come from and go to: each place has a directory with `in` and `out`.
enum Place: Hashable, Sendable {
  /// A client (UCAST).
  case peer(ID)
  /// A topic that this client is subscribed to (MCAST).
  case topic(ID)
  /// All clients that share a topic with this one (BCAST).
  case broadcast

  /// The kinds of places that have many directories, by the name of the directory that these are in.
  static let kinds: [(name: String, place: @Sendable (ID) -> Place)] = [
    (name: "peer", place: { .peer($0) }), (name: "topic", place: { .topic($0) }),
  ]

  /// The directory, below the one of the command.
  var path: String {
    switch self {
    case .peer(let id): "peer/\(PathName.encode(id))"
    case .topic(let id): "topic/\(PathName.encode(id))"
    case .broadcast: "broadcast"
    }
  }

  /// A message to this place.
  func draft(_ payload: Payload) -> SSMPClient.Draft {
    switch self {
    case .peer(let id): .unicast(payload, to: id)
    case .topic(let id): .multicast(payload, to: id)
    case .broadcast: .broadcast(payload)
    }
  }
}

/// A line of an `in`, on its way to the server.
struct OutgoingLine: Sendable {
  let place: Place
  let payload: Payload
}
