// Reading requests and having them served.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Notes what has happened to a connection. Events of a descriptor that has been closed meanwhile are for a generation
  /// that is gone.
  mutating func note(_ event: PollEvent) {
    guard let slot = connections.slot(of: event.token), connections[slot].state != .closed else { return }
    if event.mayReadShort { connections[slot].flags.insert(.readOut) }
    if event.isHalfClosed { connections[slot].flags.insert(.halfClosed) }
    if event.hasHungUp { noteHangUp(slot) }
    if event.isWritable, connections[slot].state != .closed { noteRoom(slot) }
    guard event.isReadable, connections[slot].state != .closed else { return }
    // It was done, and has something to say after all.
    if connections[slot].state == .ending { connections[slot].flags.remove(.parted) }
    connections[slot].flags.insert(.readable)
    enqueue(slot)
  }

  /// The kernel takes output again.
  private mutating func noteRoom(_ slot: UInt32) {
    if !connections[slot].backlog.isEmpty { flushBacklog(slot) }
    guard let stream = connections[slot].tls, stream.wantsOutput else { return }
    switch connections[slot].state {
    case .open:
      // A handshake, or a read that has to answer something.
      connections[slot].flags.insert(.readable)
      enqueue(slot)
    case .ending: if connections[slot].backlog.isEmpty { shutOutput(slot) }
    case .lingering, .closed: break
    }
  }

  /// Puts a connection on the list of those to be read from.
  mutating func enqueue(_ slot: UInt32) {
    guard !connections[slot].flags.contains(.queued) else { return }
    connections[slot].flags.insert(.queued)
    intake.readable.append(slot)
  }

  /// Reads each connection on the list once. Where much has been staged it is sent first; returns true when that was so.
  mutating func readQueued() -> Bool {
    var hasFlushed = false
    intake.readable.begin()
    for number in 0..<intake.readable.count {
      let slot = intake.readable[number]
      // Handshakes have a list of their own, and stay queued while they are on it.
      if connections[slot].state == .open, connections[slot].flags.contains(.handshaking) {
        tls.handshakes.append(connections.token(of: slot))
        continue
      }
      connections[slot].flags.remove(.queued)
      switch connections[slot].state {
      case .open: read(slot)
      case .lingering: discard(slot)
      case .ending, .closed: break
      }
      if outbox.hasMuch {
        wakeOthers()
        workOff()
        hasFlushed = true
      }
    }
    intake.readable.end(after: intake.readable.count)
    return hasFlushed
  }

  /// Reads once from a connection, and serves what is complete.
  mutating func read(_ slot: UInt32) {
    let flags = connections[slot].flags
    if flags.isSuperset(of: [.hungUp, .resumeDrained]) { return resumeHungUp(slot) }
    // The server does not read from a client while the client's own pending output is over the soft
    // mark.
    guard flags.contains(.readable), flags.isDisjoint(with: [.held, .paused]), !isThrottled(slot) else { return }
    accountInput(-connections[slot].kept.capacity)
    intake.input.load(&connections[slot].kept)
    switch receive(slot) {
    case .bytes(let count):
      counters.bytesIn += UInt64(count)
      connections[slot].bytesIn += UInt64(count)
      serveInput(slot)
      // A read that filled less than it could has emptied the socket, and the poller tells of more, with exceptions.
      guard connections[slot].state == .open else { return }
      let mayHaveMore = connections[slot].tls?.mayHaveMore ?? (count == settings.readSize)
      if mayHaveMore || connections[slot].flags.contains(.readOut) {
        enqueue(slot)
      } else {
        connections[slot].flags.remove(.readable)
      }
    case .wouldBlock:
      keep(slot, from: 0)
      // No text, but perhaps more of what TLS has to say.
      if connections[slot].tls?.mayHaveMore == true { return enqueue(slot) }
      connections[slot].flags.remove(.readable)
      // Nothing more will come.
      if flags.contains(.hungUp) { abort(slot, .connectionLost) }
    case .ended:
      finish(slot, flags.contains(.lost) ? .connectionLost : .peerClosed)
    case .failed:
      abort(slot, .connectionLost)
    }
  }

  @inline(__always)
  private mutating func receive(_ slot: UInt32) -> Transfer {
    guard let stream = connections[slot].tls else {
      return intake.input.receive(connections[slot].descriptor, atMost: settings.readSize)
    }
    let result = intake.input.receive(stream, atMost: settings.readSize)
    accountInput(stream.bufferedChange())
    return result
  }

  /// True when a connection's own pending output is over its soft mark.
  func isThrottled(_ slot: UInt32) -> Bool {
    connections[slot].backlog.count > settings.softMark
  }

  /// Goes on with what a connection had sent before it was held back, without waiting for the poller.
  mutating func resume(_ slot: UInt32) {
    guard connections[slot].state == .open, connections[slot].flags.contains(.held), isServing else { return }
    endSharedWait(slot)
    // The client must not be given more output while its own is over the soft mark.
    guard !isThrottled(slot) else {
      connections[slot].flags.insert(.resumeDrained)
      return
    }
    connections[slot].flags.remove(.held)
    accountInput(-connections[slot].kept.capacity)
    intake.input.load(&connections[slot].kept)
    let isLost = addReadable(slot)
    serveInput(slot)
    guard connections[slot].state == .open else { return }
    if isLost { return abort(slot, .connectionLost) }
    if connections[slot].flags.contains(.readable) { enqueue(slot) }
  }

  /// Adds to the input of a connection that goes on what has come in meanwhile, so that a window of requests that arrived in
  /// pieces is not sent in pieces. Returns true when the connection has failed.
  private mutating func addReadable(_ slot: UInt32) -> Bool {
    let flags = connections[slot].flags
    guard flags.contains(.readable), !flags.contains(.hungUp), connections[slot].tls == nil else { return false }
    guard intake.input.bytes.count <= settings.readSize else { return false }
    switch receive(slot) {
    case .bytes(let count):
      counters.bytesIn += UInt64(count)
      connections[slot].bytesIn += UInt64(count)
      if count < settings.readSize, !flags.contains(.readOut) { connections[slot].flags.remove(.readable) }
    case .wouldBlock: connections[slot].flags.remove(.readable)
    // The next read finds the end as well.
    case .ended: break
    case .failed: return true
    }
    return false
  }

  /// Goes on with connections that had to yield in the middle of their requests, one after the
  /// other and as far as there is time. They come behind all connections that have asked for
  /// little.
  mutating func continueYielded() {
    guard !intake.yielded.isEmpty else { return }
    let watch = Stopwatch()
    intake.yielded.begin()
    var number = 0
    while number < intake.yielded.count, number == 0 || watch.microseconds < bounds.workTime, !outbox.hasMuch {
      let token = intake.yielded[number]
      number += 1
      // It may have been closed since, and the slot may be another's.
      if let slot = connections.slot(of: token) { resume(slot) }
    }
    intake.yielded.end(after: number)
  }

  /// Keeps what a connection has sent ahead until others have had their turn.
  private mutating func yield(_ slot: UInt32, from place: Int) {
    connections[slot].flags.insert(.held)
    intake.yielded.append(connections.token(of: slot))
    keep(slot, from: place)
  }

  /// Notes that a connection waits for what keeps others waiting, too.
  private mutating func beginSharedWait(_ slot: UInt32) {
    connections[slot].heldSince = max(1, UInt16(truncatingIfNeeded: Ticks.now().milliseconds))
  }

  /// Counts what it has waited for.
  private mutating func endSharedWait(_ slot: UInt32) {
    guard connections[slot].heldSince != 0 else { return }
    // A part of a millisecond is one.
    let time = UInt16(truncatingIfNeeded: Ticks.now().milliseconds)
    let waited = UInt32(time &- connections[slot].heldSince) + 1
    connections[slot].heldSince = 0
    connections[slot].senderPatience.spend(waited, now: now, recovery: settings.senderRecovery)
  }

  /// What the registry has to know of the connection that is being served.
  @inline(__always)
  private func sender(_ slot: UInt32) -> SenderState {
    SenderState(
      time: now.milliseconds,
      isPatient: connections[slot].senderPatience.left(now: now, recovery: settings.senderRecovery)
        >= settings.patienceToWait,
      pressure: memory.pressure)
  }

  /// Serves the complete requests in the input buffer, and keeps the rest.
  private mutating func serveInput(_ slot: UInt32) {
    var place = 0
    var steps = 0
    while true {
      let bytes = intake.input.bytes
      var framing = connections[slot].session.framing
      intake.batch.parse(bytes.bytes, from: place, framing: &framing)
      connections[slot].session.framing = framing
      if intake.batch.count == 0, intake.batch.stop == .incomplete { return keep(slot, from: place) }
      if settings.maxRate > 0, intake.batch.count > 0, !limitBatch(slot) { return pause(slot, from: place) }
      // Dropped, not kept: the connection is about to be closed, and until then more may be read.
      if hub.endsAtOnce { return }
      var session = connections[slot].session
      if session.phase == .awaitingLogin { presentCertificate(of: slot, to: &session, bytes.bytes) }
      let sender = sender(slot)
      let step = hub.step(of: index) {
        $0.serve(intake.batch, bytes.bytes, from: client(slot), session: &session, sender: sender)
      }
      note(step.outlook)
      steps += step.outlook.steps
      let wasOver = connections[slot].session.phase == .ended
      // Also when it has said CLOSE in the same breath.
      let isNew = connections[slot].session.scheme == nil && session.scheme != nil
      connections[slot].session = session
      if isNew { noteLogin(slot, bytes) }
      if connections[slot].flags.contains(.tapped), !wasOver { tapInput(slot, bytes, step.result) }
      switch step.result {
      case .done:
        countRequests(slot, intake.batch.count)
        if session.phase == .loggedIn { touch(slot) }
        place = intake.batch.end
        if intake.batch.stop == .incomplete { return keep(slot, from: place) }
        if steps >= bounds.turnSteps { return yield(slot, from: place) }
      case .held(let at):
        countRequests(slot, intake.batch.count(before: at))
        connections[slot].flags.insert(.held)
        if step.outlook.isShared { beginSharedWait(slot) }
        return keep(slot, from: at)
      case .yielded(let at):
        countRequests(slot, intake.batch.count(before: at))
        if step.outlook.isShared { beginSharedWait(slot) }
        return yield(slot, from: at)
      case .ended:
        // Displaced, or refused before, and not told yet.
        guard !wasOver else { return }
        countRequests(slot, intake.batch.count)
        if let refusal = session.refusal { noteFailedLogin(slot, refusal, bytes) }
        noteFault(slot, bytes)
        return
      }
    }
  }

  @inline(__always)
  private mutating func countRequests(_ slot: UInt32, _ count: Int) {
    connections[slot].requests += UInt64(count)
    if settings.maxRate > 0 { connections[slot].rate.take(count) }
  }

  /// Keeps what has not been served for the next time.
  mutating func keep(_ slot: UInt32, from place: Int) {
    let rest = UnsafeRawBufferPointer(rebasing: intake.input.bytes[place...])
    guard rest.count > 0 else { return }
    connections[slot].kept.append(rest)
    accountInput(connections[slot].kept.capacity)
  }

  /// Any request shows that a client lives; but not that of one that is gone, which is served late.
  private mutating func touch(_ slot: UInt32) {
    guard connections[slot].flags.isDisjoint(with: [.halfClosed, .hungUp]) else { return }
    deadlines.liveness.touch(slot, Deadlines.ping, now: now, resolution: settings.touchResolution)
  }

  /// A LOGIN, the first request of the batch, has succeeded.
  private mutating func noteLogin(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) {
    if !connections[slot].flags.contains(.hungUp) {
      deadlines.liveness.set(slot, Deadlines.ping, since: deadlines.jittered(now, interval: settings.pingInterval))
    }
    connections[slot].flags.insert(.settled)
    counters.measures.move(from: .waiting, to: connections[slot].stage)
    hub.admissions.settle(connections[slot].address)
    // If the listener offers a scheme with a proof, a login by `open` does not count as a success:
    // a client that guesses secrets could log in by `open` between any two guesses.
    let session = connections[slot].session
    if hub.logins.isWatching, session.scheme != .open || session.schemes == SchemeSet([.open]) {
      hub.logins.succeed(hub.admissions.peer(connections[slot].address), now: Ticks.seconds())
    }
    let scheme = connections[slot].session.scheme?.name ?? "none"
    let id = intake.batch[0].id
    hub.log.write(
      .info, "login id=\(String(decoding: bytes[id], as: UTF8.self)) scheme=\(scheme) peer=\(peer(slot))")
  }
}
