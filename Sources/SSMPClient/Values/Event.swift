// Events as they come.

extension SSMPClient {
  /// Any event of the server's, as it came (Grammar: `event`), for programs that show or forward all of them.
  public struct Event: Hashable, Sendable {
    /// `UCAST`, `MCAST`, `BCAST`, `SUBSCRIBE` or `UNSUBSCRIBE`.
    public let verb: String
    /// The client that the event is about.
    public let from: ID
    /// The topic, or of a UCAST the recipient; `nil` for a BCAST.
    public let id: ID?
    /// What a message carries; `nil` for SUBSCRIBE and UNSUBSCRIBE.
    public let payload: Payload?
    /// True for a SUBSCRIBE with the option PRESENCE.
    public let hasPresence: Bool

    /// An UNSUBSCRIBE that the server could not tell of.
    package init(leaving id: ID, from member: ID) {
      self.init(verb: "UNSUBSCRIBE", from: member, id: id, payload: nil, hasPresence: false)
    }

    init(verb: String, from: ID, id: ID?, payload: Payload?, hasPresence: Bool) {
      (self.verb, self.from, self.id, self.payload, self.hasPresence) = (verb, from, id, payload, hasPresence)
    }
  }
}

extension SSMPClient {
  /// Any event, or a gap between events (`SSMPClient.events`).
  public enum AnyEvent: Hashable, Sendable {
    /// An event.
    case event(Event)
    /// The connection was lost: events are missed from here on.
    case interrupted
    /// The client is connected again.
    case resumed
    /// This many events were dropped, because they were not taken in time (`Buffering.dropOldest`).
    case lost(Int)
  }
}

extension AnyEvent: BufferedEvent {
  static func dropped(_ count: Int) -> AnyEvent? { .lost(count) }
}
