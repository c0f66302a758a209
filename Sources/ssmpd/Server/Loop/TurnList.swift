// Lists that a turn works through.

import Containers

/// Connections that something is to be done for, one after the other. While a turn works through them, others are added
/// for the next time.
struct TurnList<Element: BitwiseCopyable>: ~Copyable {
  private var waiting = FlatArray<Element>()
  /// Those that the work in progress is for; empty otherwise.
  private var current = FlatArray<Element>()
  /// Storage for more elements than this is given back when it is not needed.
  private let keptCapacity: Int

  init(keepingCapacityUpTo capacity: Int) {
    keptCapacity = capacity
  }

  /// True when nothing waits.
  var isEmpty: Bool { waiting.isEmpty }

  /// Adds an element, behind all others.
  @inline(__always) mutating func append(_ element: Element) {
    waiting.append(element)
  }

  /// Begins to work through what waits.
  mutating func begin() {
    swap(&waiting, &current)
  }

  /// The number of those that are worked through.
  var count: Int { current.count }

  /// One of them.
  @inline(__always) subscript(number: Int) -> Element { current[number] }

  /// The work is over for now. What there was no time for comes first the next time.
  ///
  /// - Parameter done: how many of them have been seen to.
  mutating func end(after done: Int) {
    if done < current.count {
      for number in 0..<waiting.count { current.append(waiting[number]) }
      waiting.removeAll()
      current.removeFirst(done)
      swap(&waiting, &current)
    }
    current.removeAll(keepingCapacityUpTo: keptCapacity)
  }
}
