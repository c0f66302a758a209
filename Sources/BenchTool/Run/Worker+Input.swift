// What the server sends.

import SSMPCore
import SSMPTransport

extension Worker {
  /// Does what there is to do for a connection.
  mutating func handle(_ event: PollEvent) {
    let slot = Int(event.token)
    guard phase != .done, peers[slot].descriptor != -1 else { return }
    if peers[slot].state == .connecting || peers[slot].state == .handshaking {
      advance(slot)
      guard peers[slot].state == .loggingIn else { return }
    } else if event.isWritable {
      flushBacklog(of: slot)
    }
    if event.isReadable || peers[slot].tls != nil { read(slot, untilEmpty: event.mayReadShort) }
  }

  /// Reads all that has come, one buffer after the other.
  private mutating func read(_ slot: Int, untilEmpty: Bool) {
    var mayHaveMore = true
    while mayHaveMore, phase != .done, peers[slot].descriptor != -1 {
      input.load(&peers[slot].kept)
      let stream = peers[slot].tls
      let result = stream.map { input.receive($0) } ?? input.receive(peers[slot].descriptor)
      switch result {
      case .bytes(let count):
        mayHaveMore = stream.map(\.mayHaveMore) ?? (untilEmpty || count == InputBuffer.readSize)
        // Each read by itself: those of one turn may be milliseconds apart.
        now = Clock.now()
        digest(slot)
      case .wouldBlock:
        keep(slot, from: 0)
        mayHaveMore = stream?.mayHaveMore ?? false
      case .ended:
        mayHaveMore = false
        ended(slot)
      case .failed(let code):
        mayHaveMore = false
        failEnded(slot, SystemError("recv", code: code).reason)
      }
    }
  }

  /// Takes all whole messages out of the input, and keeps what is left.
  private mutating func digest(_ slot: Int) {
    let bytes = input.bytes
    guard let base = bytes.baseAddress else { return }
    var place = 0
    var goesOn = true
    var last: Message?
    while goesOn {
      let outcome =
        last.map { MessageParser.parse(bytes.bytes, at: place, like: $0) }
        ?? MessageParser.parse(bytes.bytes, at: place)
      switch outcome {
      case .complete(let message):
        last = message
        place = Int(message.end)
        take(slot, message, base)
      case .incomplete: goesOn = false
      case .invalid:
        return fail(slot, "the server has sent what is no message of SSMP")
      }
    }
    keep(slot, from: place)
  }

  private mutating func keep(_ slot: Int, from place: Int) {
    guard peers[slot].descriptor != -1, place < input.bytes.count else { return }
    peers[slot].kept.append(UnsafeRawBufferPointer(rebasing: input.bytes[place...]))
  }

  @inline(__always)
  private mutating func take(_ slot: Int, _ message: Message, _ base: UnsafeRawPointer) {
    switch message.verb {
    case .ucast, .mcast, .bcast: deliver(slot, message, base)
    case .subscribe, .unsubscribe: notePresence(slot, message, base)
    case .ping:
      write("PONG\n")
      flushOutput(to: slot)
    case .unknown: respond(slot, message.code)
    default: break
    }
  }

  /// Checks and measures a delivery.
  @inline(__always)
  private mutating func deliver(_ slot: Int, _ message: Message, _ base: UnsafeRawPointer) {
    counts.events &+= 1
    let payload = message.payload
    guard payload.count == plan.options.size else { return stray() }
    let (sender, counter) = Stamp.origin(base + payload.lowerBound)
    guard sender < UInt32(plan.senders) else { return stray() }
    let lane = self.lane(slot, message.verb, Int(sender))
    guard lane >= 0 else { return stray() }
    let place = slot * plan.lanes + lane
    let finding = tracks[place].note(counter)
    if finding == .duplicate {
      counts.duplicates += 1
      return
    }
    if finding == .late { counts.reordered += 1 }
    credit(Int(sender))
    let time = Stamp.time(base + payload.lowerBound) &+ shared.origin
    if time >= measuredFrom, now >= time { latencies.add(now - time) }
  }

  /// Where the recipient keeps what it has of a sender; -1 when that cannot reach it.
  @inline(__always)
  private func lane(_ slot: Int, _ verb: Verb, _ sender: Int) -> Int {
    guard verb == .ucast else {
      let lane = plan.topics == 1 ? sender : sender / plan.topics
      guard plan.topics == 1 || connection(slot) % plan.topics == sender % plan.topics else { return -1 }
      return lane + (verb == .mcast ? plan.multicastLane : plan.broadcastLane)
    }
    let own = connection(slot)
    let behind = own > sender ? own - sender : own - sender + plan.connections
    return behind <= plan.reach ? behind - 1 : -1
  }

  /// Notes a delivery for its sender.
  @inline(__always)
  mutating func credit(_ sender: Int) {
    counts.delivered &+= 1
    if fresh[sender] == 0 { touched.append(UInt32(sender)) }
    fresh[sender] &+= 1
  }

  private mutating func stray() {
    counts.strange += 1
  }

  private mutating func respond(_ slot: Int, _ code: UInt16) {
    switch peers[slot].state {
    case .loggingIn, .subscribing: setupResponse(slot, code)
    case .closing: closeResponse(slot, code)
    default: answer(slot, code)
    }
  }

  /// A response to a sender.
  private mutating func answer(_ slot: Int, _ code: UInt16) {
    let index = Int(peers[slot].sender)
    guard index >= 0, senders[index].answers < senders[index].requests else {
      return fail(slot, "the server has answered \(code) to nothing")
    }
    senders[index].answers += 1
    counts.answers += 1
    if code != 200 { counts.refused += 1 }
    become(candidate: index)
  }

  /// At the end of a turn: tells senders what has reached its recipients.
  mutating func settleDeliveries() {
    for index in 0..<touched.count {
      let sender = Int(touched[index])
      _ = shared.deliver(UInt64(fresh[sender]), of: sender)
      fresh[sender] = 0
      let connection = plan.senderBase + sender
      let owner = plan.loop(of: connection)
      if owner == number {
        become(candidate: Int(peers[connection / plan.loops].sender))
      } else {
        shared.inboxes[owner].add(UInt32(sender))
      }
    }
    touched.removeAll()
  }

  mutating func takeInbox() {
    shared.inboxes[number].wakeup.clear()
    shared.inboxes[number].take(into: &handed)
    for index in 0..<handed.count {
      let connection = plan.senderBase + Int(handed[index])
      become(candidate: Int(peers[connection / plan.loops].sender))
    }
  }

  /// Has a sender looked at before the next wait.
  mutating func become(candidate index: Int) {
    guard !senders[index].isCandidate else { return }
    senders[index].isCandidate = true
    candidates.append(UInt32(index))
  }
}
