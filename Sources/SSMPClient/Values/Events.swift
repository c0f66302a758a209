// What sequences of the client give.

extension SSMPClient {
  /// What happens in a topic (`SSMPClient.subscribe`).
  public enum TopicEvent: Hashable, Sendable {
    /// A message to the topic (Multicast).
    case message(from: ID, Payload)
    /// A client has subscribed, or was a subscriber already when this one subscribed; `watches` says if it wants presence itself
    /// (Presence notifications). Only with `presence: true`.
    case joined(ID, watches: Bool)
    /// A client has left the topic. Only with `presence: true`.
    case left(ID)
    /// The connection was lost: messages are missed from here on, and those that were in the topic may be there no longer.
    case interrupted
    /// The client is subscribed again. With `presence: true` the members follow, as `joined`.
    case resumed
    /// This many events were dropped, because they were not taken in time (`Buffering.dropOldest`).
    case lost(Int)
  }
}

extension SSMPClient {
  /// What is sent to this client itself (`SSMPClient.messages`).
  public enum MessageEvent: Hashable, Sendable {
    /// A message to this client (Unicast).
    case unicast(from: ID, Payload)
    /// A message to all clients that share a topic with its sender (Broadcast).
    case broadcast(from: ID, Payload)
    /// The connection was lost: messages are missed from here on.
    case interrupted
    /// The client is connected again.
    case resumed
    /// This many events were dropped, because they were not taken in time (`Buffering.dropOldest`).
    case lost(Int)
  }
}

extension SSMPClient {
  /// Whether the client is connected (`SSMPClient.states`).
  public enum State: Hashable, Sendable {
    /// The client connects, logs in, and subscribes again; `attempt` counts from 1 since it was last online.
    case connecting(attempt: Int)
    /// The client is logged in, and subscribed to all that it was before.
    case online
    /// There is no connection, for this reason. The next attempt is made after `next`; there is none if that is `nil`.
    case offline(SSMPError, next: Duration?)
    /// Three times in a row the server has ended the connection within ten seconds of the login: another client uses the same
    /// identifier. Each login would displace the other client, so this one tries again after a random part of
    /// `Reconnection.longestPause` only.
    case contested
    /// `close` was called.
    case closed
  }
}

/// An event that can stand in a buffer which drops the oldest ones.
protocol BufferedEvent: Sendable {
  /// Tells that events were dropped; `nil` if nothing tells of it.
  static func dropped(_ count: Int) -> Self?
}

extension TopicEvent: BufferedEvent {
  static func dropped(_ count: Int) -> TopicEvent? { .lost(count) }
}

extension MessageEvent: BufferedEvent {
  static func dropped(_ count: Int) -> MessageEvent? { .lost(count) }
}

extension State: BufferedEvent {
  static func dropped(_ count: Int) -> State? { nil }
}
