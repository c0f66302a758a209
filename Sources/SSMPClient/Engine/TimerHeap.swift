// When what is due.

/// Moments and what is due then, the earliest first.
struct TimerHeap<Value> {
  private var entries: [(at: UInt64, value: Value)] = []

  /// The earliest moment.
  var next: UInt64? { entries.first?.at }

  /// Adds a moment.
  mutating func add(_ at: UInt64, _ value: Value) {
    entries.append((at, value))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].at < entries[parent].at else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes what is due at `now`.
  mutating func take(now: UInt64) -> Value? {
    guard let first = entries.first, first.at <= now else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first.value }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].at < entries[least].at {
        least = child
      }
      guard least != parent else { return first.value }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
