// The client's state, and all that follow it.

/// The current state, and the sequences that tell of its changes.
struct StateBoard {
  private(set) var current: State
  private var followers: [EventQueue<State>] = []
  private var hasEnded = false

  init(_ state: State) {
    current = state
  }

  /// Notes a change.
  mutating func set(_ state: State) {
    guard state != current else { return }
    current = state
    followers.removeAll { $0.hasEnded }
    for follower in followers { _ = follower.add([state]) }
  }

  /// A sequence that begins with the current state.
  mutating func follow() -> EventQueue<State> {
    let queue = EventQueue<State>(.dropOldest(limit: 64))
    _ = queue.add([current])
    followers.removeAll { $0.hasEnded }
    if hasEnded { queue.end(.finished) } else { followers.append(queue) }
    return queue
  }

  /// Ends all sequences.
  mutating func end() {
    for follower in followers { follower.end(.finished) }
    followers = []
    hasEnded = true
  }
}
