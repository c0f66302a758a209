// Messages to the client itself.

import SSMPTransport

extension SSMPClient {
  /// The UCAST and BCAST events of a client, in order. For one task at a time.
  public struct Messages: AsyncSequence, Sendable {
    /// What the sequence gives.
    public typealias Element = MessageEvent
    /// What it may end with.
    public typealias Failure = SSMPError

    let client: SSMPClient

    /// A reader of the messages.
    public func makeAsyncIterator() -> Iterator { Iterator(client) }

    /// What says that there is a reader.
    private final class Attachment: Sendable {
      let client: SSMPClient

      init(_ client: SSMPClient) {
        self.client = client
        _ = client.core.messages.attach(true)
      }

      deinit {
        let core = client.core
        if core.messages.attach(false) { core.hasRoom(in: core.messages) }
      }
    }

    /// Takes the messages one by one.
    public struct Iterator: AsyncIteratorProtocol {
      private let attachment: Attachment
      private var reader: QueueReader<MessageEvent>

      fileprivate init(_ client: SSMPClient) {
        attachment = Attachment(client)
        let core = client.core
        reader = QueueReader(core.messages) { core.hasRoom(in: core.messages) }
      }

      /// The next message; `nil` when the client is closed, or the task is cancelled.
      ///
      /// - Throws: `.overflow` if the buffer is full, and what has ended the client, unless that is `close`.
      public mutating func next(isolation: isolated (any Actor)?) async throws(SSMPError) -> MessageEvent? {
        if let message = reader.ready() { return message }
        return try await reader.more(isolation: isolation)
      }

      /// The same for callers of older Swift.
      public mutating func next() async throws(SSMPError) -> MessageEvent? { try await reader.next(isolation: nil) }
    }
  }
}
