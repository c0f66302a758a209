// The life of a fleet: it logs in, subscribes, talks, and leaves.

import Containers
import SSMPCore
import SSMPTransport

/// Measures every operation once in the life of a fleet of `count` connections.
struct Lifecycle: ~Copyable {
  /// The members of the topic that is joined with PRESENCE.
  static let roomSize = 1000
  /// The parts that the whole fleet is timed in; each is one sample.
  static let chunks = 16

  let count: Int
  var fleet = Fleet()
  var dice = Dice()
  /// The slots in the order of logging in, and in a random one.
  var slots = FlatArray<UInt32>()
  var shuffled: [UInt32] = []
  /// Resident bytes a connection, which mean something in a process that has measured nothing before.
  private(set) var idle = 0.0
  private(set) var afterMessages = 0.0

  init(count: Int) {
    self.count = count
  }

  mutating func run(into results: inout Results) {
    let before = residentBytes()
    logIn(&results)
    subscribe("SUBSCRIBE, a topic of its own", Words.topic, &results)
    subscribe("SUBSCRIBE, one topic for all", { _ in Words.common }, &results)
    idle = Double(residentBytes() - before) / Double(count)
    shuffled = (0..<slots.count).map { slots[$0] }.shuffled(using: &dice)
    unicast(&results)
    joinRoom(&results)
    reachAll("MCAST to all, a recipient", "MCAST \(Words.common) \(Words.payload)", &results)
    reachAll("BCAST to all, a recipient", "BCAST \(Words.payload)", &results)
    witnessAll(&results)
    afterMessages = Double(residentBytes() - before) / Double(count)
    unsubscribe(&results)
    leave(&results)
    results.expect("requests held or refused, connections closed", fleet.surprises, 0)
  }

  static let resident = "resident bytes, idle"
  static let residentAfter = "resident bytes, after messages to all"

  /// The ranges of `total` that are timed apart.
  private func parts(_ total: Int) -> [Range<Int>] {
    let size = (total + Self.chunks - 1) / Self.chunks
    return stride(from: 0, to: total, by: size).map { $0..<min($0 + size, total) }
  }

  /// Plays a script, and checks that it was answered by as many 200s and handed out as many bytes of events as expected.
  private mutating func time(
    _ name: String, _ script: borrowing Script, events: Int = 0, per: Int, _ results: inout Results
  ) {
    let bytesBefore = fleet.eventBytes
    let repliesBefore = fleet.replyBytes
    let clock = Stopwatch()
    fleet.play(script)
    results.add(name, Double(clock.nanoseconds) / Double(per))
    results.expect("\(name): bytes of events", fleet.eventBytes - bytesBefore, events)
    results.expect("\(name): bytes of replies", fleet.replyBytes - repliesBefore, script.count * 4)
  }

  private mutating func logIn(_ results: inout Results) {
    for part in parts(count) {
      var script = Script()
      for number in part { script.add(Script.newcomer, "LOGIN \(Words.name(number)) open") }
      time("accept and LOGIN", script, per: part.count, &results)
      for number in 0..<fleet.joined.count { slots.append(fleet.joined[number]) }
    }
    results.expect("clients", fleet.registry.clientCount, count)
  }

  private mutating func subscribe(_ name: String, _ topic: (Int) -> String, _ results: inout Results) {
    for part in parts(count) {
      var script = Script()
      for number in part { script.add(slots[number], "SUBSCRIBE \(topic(number))") }
      time(name, script, per: part.count, &results)
    }
  }

  private mutating func unicast(_ results: inout Results) {
    for part in parts(min(count, 200_000)) {
      var script = Script()
      var bytes = 0
      for number in part {
        let line = "UCAST \(Words.name(dice.below(count))) \(Words.payload)"
        bytes += Words.event(script.add(shuffled[number], line))
      }
      time("UCAST, random pairs", script, events: bytes, per: part.count, &results)
    }
  }

  private mutating func joinRoom(_ results: inout Results) {
    var members = Script()
    for number in 0..<Self.roomSize { members.add(shuffled[number], "SUBSCRIBE \(Words.room)") }
    fleet.play(members)
    let event = Words.event("SUBSCRIBE \(Words.room)".utf8.count)
    for number in 0..<21 {
      var join = Script()
      join.add(shuffled[Self.roomSize + number], "SUBSCRIBE \(Words.room) PRESENCE")
      time("SUBSCRIBE with PRESENCE among 1,000", join, events: event * Self.roomSize, per: 1, &results)
      var part = Script()
      part.add(shuffled[Self.roomSize + number], "UNSUBSCRIBE \(Words.room)")
      fleet.play(part)
    }
    var end = Script()
    for number in 0..<Self.roomSize { end.add(shuffled[number], "UNSUBSCRIBE \(Words.room)") }
    fleet.play(end)
    results.expect("topics", fleet.registry.topicCount, count + 1)
  }

  private mutating func reachAll(_ name: String, _ line: String, _ results: inout Results) {
    for number in 0..<9 {
      var script = Script()
      let length = Words.event(script.add(shuffled[number], line))
      let counted = fleet.registry.counts.events
      time(name, script, events: length * (count - 1), per: count - 1, &results)
      results.expect("\(name): events", Int(fleet.registry.counts.events - counted), count - 1)
    }
  }

  /// Checks that a message to all is handed to everybody but its sender, and to each once; not timed.
  private mutating func witnessAll(_ results: inout Results) {
    let sender = shuffled[0]
    fleet.witness = Array(repeating: 0, count: fleet.connections.numbersGiven)
    var script = Script()
    script.add(sender, "MCAST \(Words.common) \(Words.payload)")
    fleet.play(script)
    fleet.witness[Int(sender)] &+= 1
    results.expect("recipients reached once", fleet.witness.filter { $0 == 1 }.count, count)
    fleet.witness = []
  }

  private mutating func unsubscribe(_ results: inout Results) {
    for part in parts(count) {
      var script = Script()
      for number in part { script.add(shuffled[number], "UNSUBSCRIBE \(Words.common)") }
      time("UNSUBSCRIBE, one topic for all", script, per: part.count, &results)
    }
    results.expect("subscriptions", fleet.registry.subscriptionCount, count)
  }

  private mutating func leave(_ results: inout Results) {
    var leaving = FlatArray<UInt32>()
    for slot in shuffled { leaving.append(slot) }
    for part in parts(count) {
      let clock = Stopwatch()
      fleet.leave(leaving, part)
      results.add("leaving, with a topic of its own", Double(clock.nanoseconds) / Double(part.count))
    }
    results.expect("clients left", fleet.registry.clientCount, 0)
    results.expect("topics left", fleet.registry.topicCount, 0)
  }
}
