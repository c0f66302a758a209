// Changes of the client's state.

extension SSMPClient {
  /// The state of a client, and its changes. For one task at a time.
  public struct States: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = State
    /// What it may end with.
    public typealias Failure = Never

    /// What keeps the sequence in the client.
    final class Handle: Sendable {
      let queue: EventQueue<State>

      init(_ queue: EventQueue<State>) {
        self.queue = queue
      }

      deinit { queue.end(.finished) }
    }

    private let handle: Handle

    init(_ queue: EventQueue<State>) {
      handle = Handle(queue)
    }

    /// A reader of the states.
    public func makeAsyncIterator() -> Iterator { Iterator(handle: handle, reader: QueueReader(handle.queue) {}) }

    /// Takes the states one by one.
    public struct Iterator: AsyncIteratorProtocol {
      fileprivate let handle: Handle
      fileprivate var reader: QueueReader<State>

      /// The next state; `nil` when the client has ended, or the task is cancelled.
      public mutating func next(isolation: isolated (any Actor)?) async -> State? {
        try? await reader.next(isolation: isolation)
      }

      /// The same for callers of older Swift.
      public mutating func next() async -> State? { try? await reader.next(isolation: nil) }
    }
  }
}
