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
    let slot = log.recipient(0, of: delivery)
    guard connections[slot].state == .open else { return }
    counters[delivery.reason] += 1
    if delivery.reason == .unauthorized { noteRefusedLogin(slot) }
    if hub.log.isEnabled(delivery.reason.logLevel) {
      let name = log.name(of: delivery)
      logClose(slot, delivery.reason, name.isEmpty ? "-" : String(decoding: name, as: UTF8.self))
    }
    noteEnding(slot, delivery.reason)
    connections[slot].session.end()
    connections[slot].state = .ending
    dropInput(slot)
    deadlines.congestion.clear(slot)
    deadlines.liveness.set(slot, Deadlines.linger, since: now)
    ending.append(slot)
  }

  /// Shuts the output of connections whose last words have been sent.
  mutating func endEnding() {
    while let slot = ending.popLast() {
      if connections[slot].state == .ending, connections[slot].backlog.isEmpty { shutOutput(slot) }
    }
  }

  /// Everything has been sent. Closing now, with input unread, would make the kernel reset the connection, and the last
  /// reply could be lost; so the peer is told, and what it still sends is read and forgotten for a short while.
  mutating func shutOutput(_ slot: UInt32) {
    // Where the kernel has no room for the alert that says so, the poller tells of room.
    if let stream = connections[slot].tls, !stream.endOutput() { return }
    Socket.endOutput(connections[slot].descriptor)
    connections[slot].state = .lingering
    if connections[slot].flags.contains(.tapped) { endTaps(slot) }
    connections[slot].flags.insert(.readable)
    enqueue(slot)
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
      if hub.log.isEnabled(reason.logLevel) { logClose(slot, reason, identifier(slot), cause) }
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
    connections[slot].state = .closed
    dropInput(slot)
    account(-connections[slot].backlog.capacity)
    connections[slot].backlog.release()
    deadlines.clear(slot)
    hub.admissions.release(
      connections[slot].address, isWaiting: !connections[slot].flags.contains(.settled))
    closed.append(slot)
  }

  /// A login was refused: a device with the wrong credential, or somebody who tries them out.
  private mutating func noteRefusedLogin(_ slot: UInt32) {
    guard let count = refusedLogins.occur(now: now) else { return }
    hub.log.write(.warning, "login refused peer=\(peer(slot)) count=\(count)")
  }

  private mutating func releaseTLS(_ slot: UInt32) {
    guard let stream = connections[slot].tls else { return }
    account(-stream.accounted)
    stream.release()
    connections[slot].tls = nil
  }

  private mutating func dropInput(_ slot: UInt32) {
    account(-connections[slot].kept.capacity)
    connections[slot].kept.release()
  }

  private func logClose(_ slot: UInt32, _ reason: CloseReason, _ identifier: String, _ cause: String? = nil) {
    let seconds = Ticks.seconds() &- connections[slot].opened
    let more = cause.map { " because=\"\($0)\"" } ?? ""
    hub.log.write(
      reason.logLevel, "close reason=\(reason.name) id=\(identifier) peer=\(peer(slot)) seconds=\(seconds)\(more)")
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
  fileprivate var logLevel: LogLevel {
    switch self {
    case .pendingLimit, .totalPendingLimit, .writeTimeout: .warning
    case .descriptorLimit: .error
    case .badRequest, .loginExpected, .loginTimeout, .displaced, .pongTimeout: .info
    case .closeRequest, .peerClosed, .connectionLost: .info
    case .certificateRevoked, .certificateUntrusted, .accessRevoked: .warning
    case .operatorRequest: .notice
    // Anybody can bring these about as often as they like; a line now and then says more of the last two.
    case .handshakeFailed, .certificateRefused, .unauthorized: .info
    case .connectionLimit, .addressLimit, .waitingLimit, .loginThrottled: .warning
    case .shutdown: .debug
    }
  }
}
