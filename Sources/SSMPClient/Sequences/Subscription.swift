// The events of a topic.

import SSMPTransport

extension SSMPClient {
  /// A subscription: the events of a topic, in order. To leave the loop, to cancel its task, or to drop the value unsubscribes.
  ///
  /// It is for one task at a time: two iterators would each get a part of the events.
  public struct Subscription: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = TopicEvent
    /// What it may end with.
    public typealias Failure = SSMPError

    /// What keeps the subscription: with the last reference to it, it ends.
    final class Handle: Sendable {
      let client: SSMPClient
      let topic: ID
      let number: UInt64
      let queue: EventQueue<TopicEvent>

      init(_ client: SSMPClient, _ topic: ID, _ number: UInt64, _ queue: EventQueue<TopicEvent>) {
        self.client = client
        self.topic = topic
        self.number = number
        self.queue = queue
      }

      deinit { leave() }

      func leave() {
        client.core.locked { client.core.leave(topic, number, now: MonotonicTime.nanoseconds()) }
      }
    }

    private let handle: Handle

    init(_ handle: Handle) {
      self.handle = handle
    }

    /// The topic.
    public var topic: ID { handle.topic }

    /// Unsubscribes (Unsubscribe from multicast topic), if this is the client's last sequence of the topic. The sequence ends when
    /// what has come is taken.
    public func cancel() { handle.leave() }

    /// A reader of the events.
    public func makeAsyncIterator() -> Iterator { Iterator(handle) }

    /// Takes the events one by one.
    public struct Iterator: AsyncIteratorProtocol {
      private let handle: Handle
      private var reader: QueueReader<TopicEvent>

      fileprivate init(_ handle: Handle) {
        self.handle = handle
        let (core, queue) = (handle.client.core, handle.queue)
        reader = QueueReader(queue) { core.hasRoom(in: queue) }
      }

      /// The next event; `nil` when the subscription has ended, or the task is cancelled.
      ///
      /// - Throws: `.overflow` if the buffer is full; `.refused` if the server did not let the client in again after a
      ///   reconnection; and what has ended the client, unless that is `close`.
      public mutating func next(isolation: isolated (any Actor)?) async throws(SSMPError) -> TopicEvent? {
        if let event = reader.ready() { return event }
        return try await reader.more(isolation: isolation)
      }

      /// The same for callers of older Swift.
      public mutating func next() async throws(SSMPError) -> TopicEvent? { try await reader.next(isolation: nil) }
    }
  }
}
