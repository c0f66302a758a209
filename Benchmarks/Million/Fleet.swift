// One event loop without its sockets: the registry, the tables of connections and deadlines, and the log.

import Containers
import SSMPCore
import SSMPTransport

/// The connections of a server with one loop. It does what the daemon's loop does between `recv` and `send`: parse, serve,
/// take the log, stage it, and gather each recipient's output, which is then counted instead of sent.
struct Fleet: ~Copyable {
  /// Requests that are served before the log is worked off, as in a turn of a loop that many clients write to.
  static let turn = 64
  var registry: Registry
  var connections = Slab<ConnectionRecord>(filler: ConnectionRecord())
  var deadlines = DeadlineLists(kinds: 4)
  var batch = RequestBatch()
  var log = DeliveryLog()
  var stage = OutputStage()
  var closed = FlatArray<UInt32>()
  var closedBefore = FlatArray<UInt32>()
  var continuing = FlatArray<UInt32>()
  /// The connections that the last script has made.
  var joined = FlatArray<UInt32>()
  let now = Ticks.now()

  /// Bytes that recipients were handed: events, and replies to requests.
  var eventBytes = 0
  var replyBytes = 0
  /// Requests that were not served at once, and connections that were closed: there should be none.
  var surprises = 0
  /// For each slot how often it was handed something, while that is looked at.
  var witness: [UInt8] = []

  /// - Parameter key: that of the hash of names; a random one, as in the daemon, when there is none.
  init(limits: RegistryLimits = RegistryLimits(), key: (UInt64, UInt64)? = nil) {
    var random = SystemRandomNumberGenerator()
    registry = Registry(loops: 1, limits: limits, rules: LoginRules(), key: key ?? (random.next(), random.next()))
  }

  /// Adds a connection that has not logged in.
  mutating func connect() -> UInt32 {
    var record = ConnectionRecord()
    record.isOpen = true
    let slot = connections.insert(record)
    deadlines.set(slot, 0, since: now)
    return slot
  }

  /// Plays a script, a turn at a time.
  mutating func play(_ script: borrowing Script) {
    joined.removeAll()
    for index in 0..<script.count {
      let step = script.steps[index]
      let slot = step.slot == Script.newcomer ? connect() : step.slot
      serve(script.bytes(of: step), from: slot)
      if step.slot == Script.newcomer {
        deadlines.set(slot, 1, since: now)
        joined.append(slot)
      }
      if index % Self.turn == Self.turn - 1 { workOff() }
    }
    workOff()
  }

  /// The peers of these connections hang up, one after the other.
  mutating func leave(_ slots: borrowing FlatArray<UInt32>, _ range: Range<Int>) {
    for index in range {
      let slot = slots[index]
      registry.leave(ClientID(loop: 0, slot: slot))
      deadlines.clear(slot)
      connections[slot].isOpen = false
      closed.append(slot)
      if index % Self.turn == Self.turn - 1 { workOff() }
    }
    workOff()
  }

  /// The peers of the connections that the last script has made hang up.
  mutating func leaveJoined() {
    var slots = FlatArray<UInt32>()
    swap(&slots, &joined)
    leave(slots, 0..<slots.count)
    swap(&slots, &joined)
  }

  private mutating func serve(_ bytes: UnsafeRawBufferPointer, from slot: UInt32) {
    var session = connections[slot].session
    batch.parse(bytes.bytes, from: 0, framing: &session.framing)
    var progress = Progress.yielded(at: 0)
    // What takes many steps goes on in the next turn; here that is at once.
    while case .yielded(let place) = progress {
      if place > 0 { batch.parse(bytes.bytes, from: place, framing: &session.framing) }
      progress = registry.serve(batch, bytes.bytes, from: ClientID(loop: 0, slot: slot), session: &session)
    }
    connections[slot].session = session
    deadlines.touch(slot, 1, now: now, resolution: 1000)
    if progress != .done { surprises += 1 }
  }
}
