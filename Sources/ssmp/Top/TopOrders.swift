// The columns that `ssmp top` sorts by.

/// The order of the connections.
enum ConnectionOrder: CaseIterable, Sendable {
  case requests, bytesIn, bytesOut, pending, subscriptions, seconds, id

  /// The key of the admin socket that comes nearest: where the order is a rate, it is the counter.
  var key: String {
    switch self {
    case .requests: "requests"
    case .bytesIn: "bytes-in"
    case .bytesOut: "bytes-out"
    case .pending: "pending"
    case .subscriptions: "subscriptions"
    case .seconds: "seconds"
    case .id: "id"
    }
  }

  /// The key of the keyboard.
  var letter: Character {
    switch self {
    case .requests: "r"
    case .bytesIn: "i"
    case .bytesOut: "o"
    case .pending: "p"
    case .subscriptions: "s"
    case .seconds: "a"
    case .id: "n"
    }
  }

  /// True if one row stands before the other: the larger figure first, names in ascending order.
  func isBefore(_ one: ConnectionRow, _ other: ConnectionRow) -> Bool {
    let (first, second) = (figure(one), figure(other))
    if first != second { return first > second }
    return (one.listed.id, one.listed.handle) < (other.listed.id, other.listed.handle)
  }

  private func figure(_ row: ConnectionRow) -> Double {
    switch self {
    case .requests: row.requests ?? -1
    case .bytesIn: row.bytesIn ?? -1
    case .bytesOut: row.bytesOut ?? -1
    case .pending: Double(row.listed.pending)
    case .subscriptions: Double(row.listed.subscriptions)
    case .seconds: Double(row.listed.seconds)
    case .id: 0
    }
  }
}

/// The order of the topics.
enum TopicOrder: CaseIterable, Sendable {
  case subscribers, watchers, pending, name

  /// The key of the admin socket that comes nearest.
  var key: String {
    switch self {
    case .subscribers, .pending: "subscribers"
    case .watchers: "watchers"
    case .name: "topic"
    }
  }

  /// The key of the keyboard.
  var letter: Character {
    switch self {
    case .subscribers: "S"
    case .watchers: "W"
    case .pending: "P"
    case .name: "N"
    }
  }

  /// True if one row stands before the other.
  func isBefore(_ one: TopicRow, _ other: TopicRow) -> Bool {
    let (first, second) = (figure(one), figure(other))
    return first != second ? first > second : one.name < other.name
  }

  private func figure(_ row: TopicRow) -> Int {
    switch self {
    case .subscribers: row.subscribers ?? -1
    case .watchers: row.watchers ?? -1
    case .pending: row.pending
    case .name: 0
    }
  }
}

extension CaseIterable where Self: Equatable {
  /// The case so many places further, round and round.
  func moved(by steps: Int) -> Self {
    let all = Array(Self.allCases)
    let place = all.firstIndex(of: self) ?? 0
    return all[((place + steps) % all.count + all.count) % all.count]
  }
}
