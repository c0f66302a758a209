// The members of topics, over connections that are lost.

import SSMPClient

/// The members that were shown. After a reconnection the server lists all members again: those that were there before are not
/// shown once more, and those that are missing have left.
struct MemberList {
  private struct Member: Hashable {
    let topic: ID
    let id: ID
  }

  private var members: Set<Member> = []
  /// Those that were there before the connection was lost, and have not been listed since.
  private var unconfirmed: Set<Member> = []

  /// Notes an event; false if it tells nothing new.
  mutating func take(_ event: SSMPClient.Event) -> Bool {
    guard let topic = event.id else { return true }
    let member = Member(topic: topic, id: event.from)
    switch event.verb {
    case "SUBSCRIBE":
      members.insert(member)
      return unconfirmed.remove(member) == nil
    case "UNSUBSCRIBE":
      members.remove(member)
      unconfirmed.remove(member)
      return true
    default: return true
    }
  }

  /// Notes that the connection is lost.
  mutating func interrupt() { unconfirmed = members }

  /// Notes that the server has listed all members: those that are missing have left.
  mutating func takeGone() -> [SSMPClient.Event] {
    defer { unconfirmed = [] }
    members.subtract(unconfirmed)
    return unconfirmed.map { SSMPClient.Event(leaving: $0.topic, from: $0.id) }.sorted { $0.from < $1.from }
  }
}
