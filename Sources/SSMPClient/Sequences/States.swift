// Changes of the client's state.

extension SSMPClient {
  /// The state of a client, and its changes. For one task at a time.
  public struct States: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = State
    /// What it may end with.
    public typealias Failure = Never

    let queue: EventQueue<State>

    /// A reader of the states.
    public func makeAsyncIterator() -> Iterator { Iterator(reader: QueueReader(queue) {}) }

    /// Takes the states one by one.
    public struct Iterator: AsyncIteratorProtocol {
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
