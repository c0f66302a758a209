// The same messages again and again, so that what one of them costs can be counted.

import SSMPCore

/// One kind of message, played in rounds that do not differ: what two runs of different length take, less one from the
/// other, is what rounds cost, without the start.
enum Repetition: String, CaseIterable {
  /// To one other client, each message read apart.
  case unicast
  /// The same with 16 messages a read, to the same client.
  case unicastRun = "unicast-run"
  /// To a hundred others, each message read apart: counted for each delivery.
  case multicast
  /// To a hundred others, 16 messages a read: counted for each delivery.
  case multicastRun = "multicast-run"
  /// UNSUBSCRIBE and SUBSCRIBE of one topic of 101 with 20 who watch: counted for each request.
  case presence
  case ping
  /// A connection that logs in and goes.
  case login

  private static let clients = 101

  /// The messages, deliveries or connections of one round.
  var unit: Int {
    switch self {
    case .unicast, .ping, .login: Self.clients
    case .unicastRun: Self.clients * 16
    case .multicast: 10 * (Self.clients - 1)
    case .multicastRun: 10 * 16 * (Self.clients - 1)
    case .presence: 2 * (Self.clients - 20)
    }
  }

  /// Plays `rounds` rounds. Returns what was not as it has to be.
  func run(_ rounds: Int) -> String? {
    // A key of its own would scatter the names differently each time.
    var fleet = Fleet(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
    var arrivals = Script()
    for number in 0..<Self.clients { arrivals.add(Script.newcomer, "LOGIN \(Words.name(number)) open") }
    if self != .login { fleet.play(arrivals) }
    var slots: [UInt32] = []
    for number in 0..<fleet.joined.count { slots.append(fleet.joined[number]) }
    fleet.play(preparation(slots))
    fleet.eventBytes = 0
    fleet.replyBytes = 0
    let script = self == .login ? arrivals : round(slots)
    for _ in 0..<rounds {
      fleet.play(script)
      if self == .login { fleet.leaveJoined() }
    }
    guard fleet.surprises == 0 else { return "\(rawValue): requests held or refused" }
    guard (fleet.eventBytes > 0) == (self != .ping && self != .login), fleet.replyBytes > 0 else {
      return "\(rawValue): nothing was delivered"
    }
    return nil
  }

  /// What the clients subscribe to before.
  private func preparation(_ slots: [UInt32]) -> Script {
    var script = Script()
    switch self {
    case .multicast, .multicastRun: for slot in slots { script.add(slot, "SUBSCRIBE \(Words.room)") }
    case .presence:
      for slot in slots.prefix(20) { script.add(slot, "SUBSCRIBE \(Words.room) PRESENCE") }
      for slot in slots.dropFirst(20) { script.add(slot, "SUBSCRIBE \(Words.room)") }
    case .unicast, .unicastRun, .ping, .login: break
    }
    return script
  }

  private func round(_ slots: [UInt32]) -> Script {
    var script = Script()
    switch self {
    case .unicast, .unicastRun:
      for (number, slot) in slots.enumerated() {
        let line = "UCAST \(Words.name((number + 37) % slots.count)) \(Words.payload)"
        script.add(slot, line, times: self == .unicast ? 1 : 16)
      }
    case .multicast, .multicastRun:
      for slot in slots.prefix(10) {
        script.add(slot, "MCAST \(Words.room) \(Words.payload)", times: self == .multicast ? 1 : 16)
      }
    case .presence:
      for slot in slots.dropFirst(20) {
        script.add(slot, "UNSUBSCRIBE \(Words.room)")
        script.add(slot, "SUBSCRIBE \(Words.room)")
      }
    case .ping: for slot in slots { script.add(slot, "PING") }
    case .login: break
    }
    return script
  }
}
