// What tests of SSMPLoopback share.

import SSMPTransport
import Testing

@testable import SSMPClient
@testable import SSMPLoopback

extension SSMPLoopback {
  /// A client that logs in by `open`.
  func client(_ id: ID, reconnects: Bool = true) async throws -> SSMPClient {
    var configuration = configuration(login: .open(id))
    if !reconnects { configuration.reconnection = .disabled }
    return try await SSMPClient.connect(configuration)
  }

  /// A connection without a client.
  func rawClient() throws -> RawClient { try RawClient(#require(configuration(login: .open("raw")).memory)) }
}

/// A connection to a server within the process, of which each byte is known.
final class RawClient: Sendable {
  private struct Received {
    var bytes: [UInt8] = []
    var hasEnded = false
  }

  private let received: Inbox
  private let connection: any MemoryConnection

  private final class Inbox: Sendable {
    let content = Locked(Received())
  }

  init(_ server: any MemoryServer) {
    let inbox = Inbox()
    received = inbox
    connection = server.connect { bytes in
      inbox.content.withLock { received in
        if let bytes { received.bytes += bytes } else { received.hasEnded = true }
      }
    }
  }

  func send(_ text: String) { connection.send(Array(text.utf8)) }

  func hangUp() { connection.close() }

  /// What has come, as text.
  var text: String { received.content.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

  /// True if the server has ended the connection.
  var hasEnded: Bool { received.content.withLock { $0.hasEnded } }

  /// Sends text, and returns what has come when all is delivered.
  func say(_ text: String, to server: SSMPLoopback) async -> String {
    received.content.withLock { $0.bytes = [] }
    send(text)
    await server.settled()
    return self.text
  }
}

extension AsyncSequence {
  /// The first elements.
  func prefix(count: Int) async throws -> [Element] {
    var elements: [Element] = []
    for try await element in self {
      elements.append(element)
      if elements.count == count { break }
    }
    return elements
  }
}
