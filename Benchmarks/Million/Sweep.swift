// What an operation costs beside few and beside many others.

import Containers
import SSMPCore
import SSMPTransport

/// One setting of the sweep: a crowd that does nothing, and a hundred connections whose operations are timed.
struct Sweep: ~Copyable {
  /// The connections that are timed, and the members of the topic they send to.
  static let probes = 100
  static let repeats = 31

  /// What there is much of.
  enum Axis: String, CaseIterable {
    case connections = "connections, each with a topic of its own"
    case topics = "topics, of up to 1,000 connections"
    case members = "subscriptions of one topic"
    case subscriptions = "subscriptions of one connection"
  }

  let axis: Axis
  let count: Int
  var fleet: Fleet
  var dice = Dice()
  /// The slots of the crowd, and of those that are timed now.
  var crowd = FlatArray<UInt32>()
  var probes = FlatArray<UInt32>()

  init(_ axis: Axis, _ count: Int) {
    self.axis = axis
    self.count = count
    fleet = Fleet(limits: RegistryLimits(subscriptions: axis == .subscriptions ? count + 10 : 1000))
  }

  /// The connections of the crowd.
  private var crowdSize: Int {
    switch axis {
    case .connections, .members: count
    case .topics: min(count, 1000)
    case .subscriptions: 1
    }
  }

  mutating func run(into results: inout Results) {
    gather()
    for _ in 0..<Self.repeats { probe(&results) }
    if axis == .members { reachAll(&results) }
    if axis == .subscriptions { leaveAll(&results) }
    results.expect("\(axis.rawValue), \(count): requests held or refused", fleet.surprises, 0)
  }

  private mutating func gather() {
    var logins = Script()
    for number in 0..<crowdSize { logins.add(Script.newcomer, "LOGIN \(Words.name(number)) open") }
    fleet.play(logins)
    for number in 0..<fleet.joined.count { crowd.append(fleet.joined[number]) }
    var subscribe = Script()
    for number in 0..<count {
      let topic = axis == .members ? Words.common : Words.topic(number)
      subscribe.add(crowd[number % crowdSize], "SUBSCRIBE \(topic)")
    }
    fleet.play(subscribe)
  }

  /// The topic that the probes subscribe to, beside the one they send to.
  private func topic(_ number: Int) -> String {
    axis == .members ? Words.common : Words.topic(10_000_000 + number)
  }

  /// Whom the subscriptions are made for: the connection that has so many, where that is what is looked at.
  private func subscriber(_ number: Int) -> UInt32 { axis == .subscriptions ? crowd[0] : probes[number] }

  private mutating func probe(_ results: inout Results) {
    probes.removeAll()
    each("accept and LOGIN", &results) { _, number in (Script.newcomer, "LOGIN \(Words.name(20_000_000 + number)) open")
    }
    for number in 0..<fleet.joined.count { probes.append(fleet.joined[number]) }
    // The one that has so many subscriptions has room for ten more.
    let share = axis == .subscriptions ? 10 : Self.probes
    each("SUBSCRIBE", &results, share) { ($0.subscriber($1), "SUBSCRIBE \($0.topic($1))") }
    each("SUBSCRIBE, the probes' topic", &results) { ($0.probes[$1], "SUBSCRIBE \(Words.room)") }
    each("UCAST", &results) { sweep, number in
      let peer = sweep.axis == .connections ? sweep.dice.below(sweep.count) : 0
      return (sweep.probes[number], "UCAST \(Words.name(peer)) \(Words.payload)")
    }
    multicast(&results)
    each("UNSUBSCRIBE", &results, share) { ($0.subscriber($1), "UNSUBSCRIBE \($0.topic($1))") }
    let clock = Stopwatch()
    fleet.leave(probes, 0..<Self.probes)
    results.add("leaving", Double(clock.nanoseconds) / Double(Self.probes))
  }

  /// Plays a request of each probe, and takes the time.
  private mutating func each(
    _ name: String, _ results: inout Results, _ share: Int = Sweep.probes,
    _ step: (inout Sweep, Int) -> (UInt32, String)
  ) {
    var script = Script()
    for number in 0..<share {
      let (slot, line) = step(&self, number)
      script.add(slot, line)
    }
    let replies = fleet.replyBytes
    let clock = Stopwatch()
    fleet.play(script)
    results.add(name, Double(clock.nanoseconds) / Double(share))
    results.expect("\(name), \(count): bytes of replies", fleet.replyBytes - replies, share * 4)
  }

  private mutating func multicast(_ results: inout Results) {
    var script = Script()
    let length = Words.event(script.add(probes[0], "MCAST \(Words.room) \(Words.payload)"))
    time("MCAST to 100, a recipient", script, length, Self.probes - 1, &results)
  }

  private mutating func reachAll(_ results: inout Results) {
    for _ in 0..<9 {
      var script = Script()
      let length = Words.event(script.add(crowd[0], "MCAST \(Words.common) \(Words.payload)"))
      time("MCAST to all, a recipient", script, length, count - 1, &results)
    }
  }

  private mutating func time(
    _ name: String, _ script: borrowing Script, _ length: Int, _ recipients: Int, _ results: inout Results
  ) {
    let bytes = fleet.eventBytes
    let clock = Stopwatch()
    fleet.play(script)
    results.add(name, Double(clock.nanoseconds) / Double(recipients))
    results.expect("\(name), \(count): bytes of events", fleet.eventBytes - bytes, length * recipients)
  }

  private mutating func leaveAll(_ results: inout Results) {
    let clock = Stopwatch()
    fleet.leave(crowd, 0..<1)
    results.add("leaving with all, a subscription", Double(clock.nanoseconds) / Double(count))
    results.expect("topics left", fleet.registry.topicCount, 0)
  }
}
