// The end of connections.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Ends a connection in good order: it leaves the registry now; what it was answered before is still sent.
  mutating func finish(_ slot: UInt32, _ reason: CloseReason) {
    connections[slot].session.end()
    perform(slot) { $0.finish($1, reason) }
  }

  /// A `close` delivery: what was delivered before is sent with this slice, and then the connection ends.
  mutating func beginEnding(_ delivery: Delivery) {
    let slot = outbox.logs.newest.recipient(0, of: delivery)
    guard connections[slot].state == .open else { return }
    counters[delivery.reason] += 1
    let level = closeLevel(slot, delivery.reason)
    let fault = takeFault(slot, delivery.reason)
    if hub.log.isEnabled(level) {
      let name = outbox.logs.newest.name(of: delivery)
      let unsent = outbox.stage.byteCount(connections[slot].staged) + connections[slot].backlog.count
      logClose(
        slot, delivery.reason, at: level, name.isEmpty ? "-" : String(decoding: name, as: UTF8.self), fault,
        unsent: unsent)
    }
    if isParting(slot, delivery.reason) { connections[slot].flags.insert(.parted) }
    noteEnding(slot, delivery.reason)
    connections[slot].session.end()
    connections[slot].state = .ending
    dropInput(slot)
    forgetCongestion(slot)
    deadlines.liveness.set(slot, Deadlines.linger, since: now)
    outbox.ending.append(slot)
    outbox.stage.hurry(&connections[slot].staged, slot)
  }

  /// True when nothing more is to come from the peer: it has ended its side, or has asked for the end and been read to it.
  private func isParting(_ slot: UInt32, _ reason: CloseReason) -> Bool {
    switch reason {
    // Closed without a response, as it would have been without the reserve.
    case .peerClosed, .connectionLimit: true
    // Its place is another's.
    case .displaced: hub.admissions.isCrowded
    // With TLS its part of the goodbye is still to come.
    case .closeRequest: connections[slot].tls == nil && !connections[slot].flags.contains(.readable)
    default: false
    }
  }

  /// Shuts the output of ending connections that have no output left to send.
  mutating func endEnding() {
    while let slot = outbox.ending.popLast() {
      if connections[slot].state == .ending, connections[slot].backlog.isEmpty { shutOutput(slot) }
    }
  }

  /// Everything has been sent. Closing now, with input unread, would make the kernel reset the connection, and the last
  /// reply could be lost; so, unless its peer has nothing more to say, it is told, and what it still sends is read and
  /// forgotten for a short while.
  mutating func shutOutput(_ slot: UInt32) {
    guard !connections[slot].flags.contains(.hungUp) else { return close(slot) }
    // Where the kernel has no room for the alert that says so, the poller tells of room.
    if let stream = connections[slot].tls, !stream.endOutput() { return }
    if connections[slot].flags.contains(.parted) { return close(slot) }
    Socket.endOutput(connections[slot].descriptor)
    connections[slot].state = .lingering
    if connections[slot].flags.contains(.tapped) { endTaps(slot) }
    // Of a plain socket that has been emptied the poller tells when there is more, as it did before.
    if connections[slot].tls != nil || connections[slot].flags.contains(.readable) { enqueue(slot) }
  }

  /// Reads and forgets what a peer still sends.
  mutating func discard(_ slot: UInt32) {
    switch Socket.discard(connections[slot].descriptor, upTo: InputBuffer.readSize) {
    case .bytes: enqueue(slot)
    case .wouldBlock: break
    case .ended, .failed: close(slot)
    }
  }

  /// Ends a connection at once, whatever is pending.
  ///
  /// - Parameter cause: what the log says beyond the reason.
  mutating func abort(_ slot: UInt32, _ reason: CloseReason, because cause: String? = nil) {
    guard connections[slot].state != .closed else { return }
    if connections[slot].state == .open {
      counters[reason] += 1
      noteReason(slot, reason)
      let level = closeLevel(slot, reason)
      if hub.log.isEnabled(level) { logClose(slot, reason, at: level, identifier(slot), because: cause) }
    }
    close(slot)
  }

  /// Closes the descriptor and gives everything back but the slot, which waits until no log refers to it.
  mutating func close(_ slot: UInt32) {
    let wasLoggedIn = connections[slot].session.phase == .loggedIn
    connections[slot].session.end()
    if wasLoggedIn { perform(slot) { $0.leave($1) } }
    releaseTLS(slot)
    Socket.close(connections[slot].descriptor)
    if connections[slot].flags.contains(.tapped) { endTaps(slot) }
    counters.measures.move(from: connections[slot].stage, to: nil)
    connections.retire(slot)
    dropInput(slot)
    outbox.stage.release(&connections[slot].staged)
    if !notices.faults.isEmpty { notices.faults[slot] = nil }
    account(-connections[slot].backlog.capacity)
    connections[slot].backlog.release()
    forgetCongestion(slot)
    deadlines.clear(slot)
    hub.admissions.release(
      connections[slot].address, isWaiting: !connections[slot].flags.contains(.settled))
  }

  private mutating func releaseTLS(_ slot: UInt32) {
    guard let stream = connections[slot].tls else { return }
    accountInput(-stream.accounted)
    stream.release()
    connections[slot].tls = nil
  }

  mutating func dropInput(_ slot: UInt32) {
    accountInput(-connections[slot].kept.capacity)
    connections[slot].kept.release()
  }

  /// The level at which the end of a connection is logged.
  private mutating func closeLevel(_ slot: UInt32, _ reason: CloseReason) -> LogLevel {
    switch reason {
    // A port check does the same: it connects, sends no request and goes.
    case .peerClosed, .connectionLost: return connections[slot].requests == 0 ? .debug : reason.logLevel
    // A client can bring these about again and again; beyond what is readable they are information.
    case .pendingLimit, .totalPendingLimit, .writeTimeout:
      guard notices.closes.take(seconds: Ticks.seconds()) == nil else { return reason.logLevel }
      oweLines()
      return .info
    // As at accept, there is a line for all of them.
    case .connectionLimit:
      noteConnectionLimit(slot)
      return .info
    default: return reason.logLevel
    }
  }

  /// A connection that was let in beyond the limit is refused.
  private mutating func noteConnectionLimit(_ slot: UInt32) {
    guard let count = notices.connectionLimit.occur(now: now) else { return oweLines() }
    let peer = hub.admissions.peer(connections[slot].address)
    hub.log.write(.warning, "refuse reason=\(CloseReason.connectionLimit.name) peer=\(peer) count=\(count)")
  }

  /// - Parameters:
  ///   - fault: what is wrong with the last request, with a space in front.
  ///   - cause: what is said beyond the reason.
  ///   - unsent: the bytes that are still to be sent.
  func logClose(
    _ slot: UInt32, _ reason: CloseReason, at level: LogLevel, _ identifier: String, _ fault: String = "",
    because cause: String? = nil, unsent: Int = 0
  ) {
    let seconds = Ticks.seconds() &- connections[slot].opened
    let (requests, bytesIn) = (connections[slot].requests, connections[slot].bytesIn)
    let more = cause.map { " because=\($0.quoted)" } ?? ""
    hub.log.write(
      level,
      "close reason=\(reason.name) id=\(identifier) peer=\(peer(slot)) seconds=\(seconds) requests=\(requests) "
        + "bytes-in=\(bytesIn) bytes-out=\(connections[slot].bytesOut + UInt64(unsent))\(fault)\(more)")
  }

  /// The identifier of a connection, as it is logged.
  func identifier(_ slot: UInt32) -> String {
    let name = hub.withRegistry { $0.identifier(of: client(slot)) }
    return name.map { String(decoding: $0, as: UTF8.self) } ?? "-"
  }

  /// The peer of a connection, as it is logged.
  func peer(_ slot: UInt32) -> String {
    let address = hub.admissions.peer(connections[slot].address)
    return address == .local ? "\(address)" : "\(address):\(connections[slot].port)"
  }
}

extension CloseReason {
  /// How important it is to an operator. What any port scan brings about is only for debugging.
  var logLevel: LogLevel {
    switch self {
    case .pendingLimit, .totalPendingLimit, .writeTimeout: .warning
    case .descriptorLimit: .error
    case .badRequest, .loginExpected, .loginTimeout, .displaced, .pongTimeout: .info
    case .closeRequest, .peerClosed, .connectionLost: .info
    case .certificateRevoked, .certificateUntrusted, .accessRevoked: .warning
    case .operatorRequest: .notice
    // Failed logins have a line of their own, which is limited.
    case .handshakeFailed, .certificateRefused, .unauthorized: .info
    case .connectionLimit, .addressLimit, .waitingLimit, .loginThrottled: .warning
    case .shutdown: .debug
    }
  }
}
