// A queue.

/// First in, first out, in one array: whatever is added at the end is taken from the front.
struct Fifo<Element> {
  private var elements: [Element?] = []
  private var head = 0

  /// The number of elements.
  var count: Int { elements.count - head }
  /// True if there are none.
  var isEmpty: Bool { head == elements.count }
  /// The first element, or `nil`.
  var first: Element? { isEmpty ? nil : elements[head] }

  /// The element at this place, 0 being the first.
  subscript(index: Int) -> Element {
    get {
      guard let element = elements[head + index] else { preconditionFailure("taken elements are behind the head") }
      return element
    }
    set { elements[head + index] = newValue }
  }

  /// Adds an element at the end.
  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the first element.
  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      // The memory of a burst is given back.
      elements.removeAll(keepingCapacity: elements.capacity <= 64)
      head = 0
    } else if head >= 256, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes the element at this place.
  mutating func remove(at index: Int) { elements.remove(at: head + index) }

  /// Takes all elements.
  mutating func popAll() -> [Element] {
    defer { self = Fifo() }
    return elements[head...].compactMap { $0 }
  }
}
