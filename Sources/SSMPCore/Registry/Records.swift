// The plain records of the registry's tables.

import Containers

/// What the registry knows of a logged-in connection.
struct Client: BitwiseCopyable {
  var name = NameReference.empty
  var isActive = false
  var isAnonymous = false
  /// True while it is in the queue of broadcasters.
  var awaitsBroadcast = false
  /// Whether its pending output holds senders back (Registry+Congestion).
  var congestion = Congestion.none
  /// What it logged in by.
  var scheme = Scheme.open
  /// The rules that were in force when `role` was found (Registry+Access).
  var accessGeneration: UInt8 = 0
  /// What the access rules make of its identity.
  var role: UInt16 = 0
  var hash: UInt32 = 0
  var firstSubscription: UInt32 = .none
  var subscriptionCount: UInt32 = 0
  var firstRoster: UInt32 = .none
  /// The number of the last broadcast that reached this client.
  var broadcast: UInt32 = 0
  /// The bytes of events and replies for this client alone in its loop's log, as far as `stagedIn` is the present log's number.
  var staged: UInt32 = 0
  var stagedIn: UInt32 = 0
  /// What its last message was for, and when one was for something else: 0 for never (`Registry+Waiting`).
  var target: UInt32 = .none
  var changedTarget: UInt32 = 0
}

/// A topic that somebody subscribes to.
struct Topic: BitwiseCopyable {
  var name: NameReference = .empty
  var hash: UInt32 = 0
  var firstRoster: UInt32 = .none
  /// All subscribers, in no order that matters.
  var members = MemberList()
  /// The watchers: members with PRESENCE and a complete initial batch.
  var watchers = MemberList()
  /// The number of its `TopicCongestion`; `none` while no member is congested.
  var congestion: UInt32 = .none
  /// The loops with members: bit `loop % 32`. A bit may be out of date; `hasMembers` clears it.
  var loops: UInt32 = 0
}

/// The congested members of one topic.
struct TopicCongestion: BitwiseCopyable {
  /// All of them.
  var members: UInt32 = 0
  /// Those of them that are `slow`, and those that are `stuck`.
  var slow: UInt32 = 0
  var stuck: UInt32 = 0
  /// The watchers among those that senders wait for.
  var waitedWatchers: UInt32 = 0
}

/// The subscription of one client to one topic.
struct Subscription: BitwiseCopyable {
  /// `none` when the record is not in use.
  var topic: UInt32 = .none
  var client = ClientID(loop: 0, slot: 0)
  /// The place among the topic's members.
  var member: UInt32 = 0
  var watch = Watch.none
  /// The number of departures that had begun when it became a watcher (`Registry+Departure`).
  var since: UInt32 = 0
  /// The client's other subscriptions.
  var next: UInt32 = .none
  var previous: UInt32 = .none
}

/// How a subscription takes part in presence, packed into four bytes.
struct Watch: BitwiseCopyable, Equatable {
  private var raw: UInt32

  /// Without PRESENCE.
  static let none = Watch(raw: .max)
  /// With the initial batch complete: the place among the topic's watchers.
  static func watcher(_ place: UInt32) -> Watch { Watch(raw: place) }
  /// With the initial batch under way: the number of the roster.
  static func roster(_ number: UInt32) -> Watch { Watch(raw: number | 1 << 31) }

  var watcher: UInt32? { raw >> 31 == 0 ? raw : nil }
  var roster: UInt32? { raw >> 31 != 0 && self != .none ? raw & 0x7fff_ffff : nil }
}

/// An initial batch of presence that is under way: the members below `shown` have been announced.
struct Roster: BitwiseCopyable {
  var subscription: UInt32 = 0
  var shown: UInt32 = 0
  var nextOfTopic: UInt32 = .none
  var previousOfTopic: UInt32 = .none
  var nextOfClient: UInt32 = .none
  var previousOfClient: UInt32 = .none
}
