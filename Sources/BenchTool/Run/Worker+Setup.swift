// Connecting, logging in, subscribing.

import SSMPCore
import SSMPTransport

extension Worker {
  /// Begins connections as long as not too many are being made: one in all loops until a first login is accepted.
  mutating func openConnections() {
    if phase == .setup, !shared.hasLogin {
      guard number == 0, nextSlot == 0 else { return }
      open(0, began: now)
      nextSlot = 1
      return
    }
    if plan.scenario == .connect { return openInTurns() }
    while opening < Self.openingLimit, nextSlot < peers.count, phase == .setup {
      open(nextSlot, began: now)
      nextSlot += 1
    }
  }

  /// Begins to connect.
  mutating func open(_ slot: Int, began: UInt64) {
    guard let target = plan.options.target else { return }
    let connection = connection(slot)
    do throws(SystemError) {
      let source = Target.source(connection, of: plan.options.sources)
      let descriptor = try OutgoingSocket.connect(to: target.address, from: source)
      peers[slot].descriptor = descriptor
      peers[slot].state = .connecting
      peers[slot].began = began
      opening += 1
      try poller.add(descriptor, token: UInt64(slot))
    } catch {
      fail(slot, "cannot connect to \(target.text): \(error)")
    }
  }

  /// Goes on with a connection that is not ready.
  mutating func advance(_ slot: Int) {
    if peers[slot].state == .connecting {
      if let failure = OutgoingSocket.failure(peers[slot].descriptor) { return fail(slot, "\(failure)") }
      guard let context = plan.files.tls else { return logIn(slot) }
      let session = plan.options.resumes ? sessions[slot] : nil
      peers[slot].tls = TLSStream(peers[slot].descriptor, context, resuming: session)
      peers[slot].state = .handshaking
    }
    guard peers[slot].state == .handshaking, let stream = peers[slot].tls else { return }
    switch stream.handshake() {
    case .done:
      if stream.isResumed { counts.resumed += 1 }
      logIn(slot)
    case .blocked: break
    case .failed(let failure): fail(slot, "TLS handshake: \(failure.description)")
    }
  }

  private mutating func logIn(_ slot: Int) {
    peers[slot].state = .loggingIn
    let scheme = plan.options.authentication
    write("LOGIN \(plan.name(connection(slot))) \(scheme.rawValue)")
    if scheme == .secret {
      write(" ")
      for byte in plan.files.secret { output.append(byte) }
    }
    write("\n")
    flushOutput(to: slot)
  }

  /// Adds text to the output.
  mutating func write(_ text: String) {
    for byte in text.utf8 { output.append(byte) }
  }

  /// A response to a connection that is not ready.
  mutating func setupResponse(_ slot: Int, _ code: UInt16) {
    guard code == 200 else {
      let request = peers[slot].state == .loggingIn ? "LOGIN" : "SUBSCRIBE"
      return fail(slot, "\(request) was answered \(code)")
    }
    if peers[slot].state == .loggingIn {
      peers[slot].state = .subscribing
      let requests = plan.subscriptions(connection(slot))
      peers[slot].awaited = UInt16(requests.count)
      for request in requests { write(request) }
      flushOutput(to: slot)
    } else {
      peers[slot].awaited -= 1
    }
    guard peers[slot].awaited == 0, peers[slot].state == .subscribing else { return }
    opening -= 1
    if plan.scenario == .connect { return loggedIn(slot) }
    peers[slot].state = .ready
    counts.ready += 1
    shared.noteLogin()
  }

  /// Ends the run because of a connection.
  mutating func fail(_ slot: Int, _ reason: String) {
    shared.fail(RunError("connection \(plan.name(connection(slot))): \(reason)"))
    phase = .done
  }

  /// Ends the run because the server has ended a connection, or because the connection is broken.
  mutating func failEnded(_ slot: Int, _ reason: String) {
    switch peers[slot].state {
    case .loggingIn: fail(slot, "\(reason) before LOGIN was answered")
    case .subscribing: fail(slot, "\(reason) before SUBSCRIBE was answered")
    default: fail(slot, reason)
    }
  }

  /// Closes a connection, and forgets it.
  mutating func close(_ slot: Int) {
    guard peers[slot].descriptor != -1 else { return }
    var peer = peers[slot]
    // The latest that the server has given.
    if plan.options.resumes { sessions[slot] = peer.tls?.clientSession }
    peer.tls?.release()
    peer.kept.release()
    peer.backlog.release()
    Socket.close(peer.descriptor)
    var closed = Peer()
    closed.sender = peer.sender
    peers[slot] = closed
  }

  mutating func closeAll() {
    if cpuEnd == 0 { cpuEnd = Clock.thread() }
    for slot in 0..<peers.count { close(slot) }
    shared.report(counts, of: number)
  }
}
