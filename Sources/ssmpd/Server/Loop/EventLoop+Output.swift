// Sending, and what is done when a peer does not take it.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Sends what is to be sent in this turn, each connection with one call.
  mutating func flushUrgent() {
    for number in 0..<outbox.stage.urgentCount { flush(outbox.stage.urgentSlot(number)) }
    outbox.stage.clearUrgent()
  }

  /// Sends what is staged for a connection.
  mutating func flush(_ slot: UInt32) {
    guard !connections[slot].staged.isEmpty else { return }
    send(slot, outbox.stage.gather(connections[slot].staged))
    outbox.stage.release(&connections[slot].staged)
  }

  @inline(__always)
  private mutating func send(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) {
    guard connections[slot].state == .open || connections[slot].state == .ending else { return }
    // Nothing of it would arrive.
    guard !connections[slot].flags.contains(.hungUp) else { return }
    if connections[slot].flags.contains(.tapped) { tapOutput(slot, bytes) }
    if connections[slot].tls == nil { clock.sends += 1 }
    var sent = 0
    // Behind a backlog everything waits for the poller's word that there is room.
    if connections[slot].backlog.isEmpty {
      switch transmit(bytes, to: slot) {
      case .bytes(let count): sent = count
      case .wouldBlock, .ended: break
      case .failed(let code): return noteFailedSend(slot, code)
      }
      counters.bytesOut += UInt64(sent)
      connections[slot].bytesOut += UInt64(sent)
    }
    if sent < bytes.count { append(UnsafeRawBufferPointer(rebasing: bytes[sent...]), to: slot) }
  }

  /// Sends what the kernel takes at once.
  @inline(__always)
  private mutating func transmit(_ bytes: UnsafeRawBufferPointer, to slot: UInt32) -> Transfer {
    guard let stream = connections[slot].tls else { return Socket.send(connections[slot].descriptor, bytes) }
    return transmit(bytes, through: stream)
  }

  /// Sends records, each of as many whole messages as fit into it: there are clients that cannot bear to be given a part of
  /// a message.
  private mutating func transmit(_ bytes: UnsafeRawBufferPointer, through stream: TLSStream) -> Transfer {
    var sent = 0
    var result = Transfer.wouldBlock
    while sent < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
      let length =
        stream.unfinished > 0
        ? stream.unfinished : ServerMessages.wholeMessages(rest.bytes, limit: TLSStream.recordSize)
      result = stream.send(UnsafeRawBufferPointer(rebasing: rest[..<length]))
      guard case .bytes(let count) = result else { break }
      sent += count
    }
    accountInput(stream.bufferedChange())
    if case .failed = result { return result }
    return sent > 0 ? .bytes(sent) : result
  }

  /// Keeps output that the kernel has not taken.
  private mutating func append(_ bytes: UnsafeRawBufferPointer, to slot: UInt32) {
    if connections[slot].backlog.isEmpty { deadlines.writing.set(slot, 0, since: now) }
    let before = connections[slot].backlog.capacity
    connections[slot].backlog.append(bytes)
    account(connections[slot].backlog.capacity - before)
    let pending = connections[slot].backlog.count
    if pending > settings.hardMark { return abort(slot, .pendingLimit) }
    let flags = connections[slot].flags
    guard pending > settings.softMark, connections[slot].state == .open else { return }
    guard connections[slot].session.phase == .loggedIn, flags.isDisjoint(with: [.congested, .slow]) else { return }
    becomeCongested(slot)
  }

  /// Sends more of a connection's backlog, now that there is room.
  mutating func flushBacklog(_ slot: UInt32) {
    switch transmit(connections[slot].backlog.bytes, to: slot) {
    case .bytes(let count):
      counters.bytesOut += UInt64(count)
      connections[slot].bytesOut += UInt64(count)
      let before = connections[slot].backlog.capacity
      connections[slot].backlog.removeFirst(count)
      account(connections[slot].backlog.capacity - before)
      if connections[slot].backlog.isEmpty {
        deadlines.writing.clear(slot)
      } else {
        deadlines.writing.touch(slot, 0, now: now, resolution: 100)
      }
      if connections[slot].backlog.count < settings.lowMark { becomeDrained(slot) }
    case .wouldBlock, .ended: break
    case .failed(let code): noteFailedSend(slot, code)
    }
  }

  /// Has more of the initial batches of presence produced, as long as the connection takes them.
  mutating func continueRoster(_ slot: UInt32) {
    guard connections[slot].flags.contains(.roster), connections[slot].state == .open else { return }
    guard !connections[slot].flags.contains(.hungUp) else { return }
    guard connections[slot].backlog.count < settings.lowMark else { return }
    connections[slot].flags.remove(.roster)
    perform(slot) { $0.continueRosters(of: $1) }
  }

  /// Counts memory that a peer makes the server hold.
  @inline(__always)
  mutating func account(_ bytes: Int) {
    counters.pending += bytes
  }

  /// The same for input that has not been served, and for what TLS needs: no recipient makes it less by reading.
  @inline(__always)
  mutating func accountInput(_ bytes: Int) {
    counters.pending += bytes
    counters.pendingInput += bytes
  }

  /// Near the limit on all pending bytes, connections that have not drained for seconds are closed; over it, any. Those that have
  /// the most go first.
  mutating func limitTotalPending() {
    if memory.pressure != .none, memory.stuck > 0 { closeStuck() }
    guard counters.pending != memory.published || hub.mustTrim(index) else { return }
    memory.published = counters.pending
    guard let loop = publishPending() else { return }
    // The loop that has the most is told.
    guard loop == index else { return outbox.wakes |= 1 << UInt64(loop) }
    // A little below the limit, so that this search is not made for every message that follows.
    close(to: settings.maxTotalPending - settings.maxTotalPending / 16) { _ in true }
  }

  /// Looks how near all loops together are to the limit: before each log that is worked off, since one log can hold a good part
  /// of what is left.
  @inline(__always)
  mutating func notePressure() {
    if counters.pending != memory.published {
      hub.note(pending: counters.pending, input: counters.pendingInput, of: index)
    }
    memory.note(hub.pressure(settings), now: now)
  }

  /// Publishes what the loop has pending; returns the loop that has to close connections, if one has to.
  private func publishPending() -> Int? {
    hub.publish(
      pending: counters.pending, input: counters.pendingInput, of: index, limit: settings.maxTotalPending)
  }

  /// Closes connections that senders would otherwise wait for.
  private mutating func closeStuck() {
    memory.published = counters.pending
    _ = publishPending()
    guard hub.pressure(settings) == .output else { return }
    close(to: settings.pressureMark - settings.maxTotalPending / 16) { $0.contains(.stuck) }
    notePressure()
  }

  /// Closes connections with such flags, until all loops together have no more than `target` pending.
  private mutating func close(to target: Int, where isCandidate: (Connection.Flags) -> Bool) {
    var candidates: [(isSettled: Bool, pending: Int, slot: UInt32)] = []
    for number in connections.slots where connections[number].state != .closed {
      guard isCandidate(connections[number].flags) else { continue }
      let buffered = connections[number].tls?.accounted ?? 0
      let pending = connections[number].backlog.capacity + connections[number].kept.capacity + buffered
      if pending > 0 { candidates.append((connections[number].flags.contains(.settled), pending, number)) }
    }
    // Connections that have not logged in are closed before any that have.
    candidates.sort { $0.isSettled == $1.isSettled ? $0.pending > $1.pending : !$0.isSettled }
    for candidate in candidates {
      if hub.totalPending <= target { break }
      abort(candidate.slot, .totalPendingLimit)
      _ = publishPending()
    }
  }
}
