// All events of a client.

extension SSMPClient {
  /// The events of a client as they come, in order. For one task at a time.
  public struct Events: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = AnyEvent
    /// What it may end with.
    public typealias Failure = SSMPError

    /// What keeps the sequence in the client.
    final class Handle: Sendable {
      let client: SSMPClient
      let queue: EventQueue<AnyEvent>

      init(_ client: SSMPClient, _ queue: EventQueue<AnyEvent>) {
        self.client = client
        self.queue = queue
      }

      deinit {
        queue.end(.finished)
        client.core.hasRoom(in: queue)
        let core = client.core
        core.locked { core.taps.removeAll { $0 === queue } }
      }
    }

    private let handle: Handle

    init(_ handle: Handle) {
      self.handle = handle
    }

    /// A reader of the events.
    public func makeAsyncIterator() -> Iterator { Iterator(handle) }

    /// Takes the events one by one.
    public struct Iterator: AsyncIteratorProtocol {
      private let handle: Handle
      private var reader: QueueReader<AnyEvent>

      fileprivate init(_ handle: Handle) {
        self.handle = handle
        let (core, queue) = (handle.client.core, handle.queue)
        reader = QueueReader(queue) { core.hasRoom(in: queue) }
      }

      /// The next event; `nil` when the client is closed, or the task is cancelled.
      ///
      /// - Throws: `.overflow` if the buffer is full, and what has ended the client, unless that is `close`.
      public mutating func next(isolation: isolated (any Actor)?) async throws(SSMPError) -> AnyEvent? {
        try await reader.next(isolation: isolation)
      }

      /// The same for callers of older Swift.
      public mutating func next() async throws(SSMPError) -> AnyEvent? { try await reader.next(isolation: nil) }
    }
  }
}
