// TLS handshakes.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Goes on with handshakes, one step for each connection that has something for it, until they have had their time.
  ///
  /// A step takes up to a millisecond; what is left waits for the next turn, so that a thousand handshakes at once delay
  /// others by no more than their share of each turn.
  mutating func shakeHands() {
    guard !tls.handshakes.isEmpty else { return }
    let watch = Stopwatch()
    tls.handshakes.begin()
    var number = 0
    while number < tls.handshakes.count, number == 0 || watch.microseconds < Tuning.handshakeTime {
      let token = tls.handshakes[number]
      number += 1
      // It may have been closed since, and the slot may be another's.
      guard let slot = connections.slot(of: token) else { continue }
      connections[slot].flags.remove(.queued)
      // A slot may be on the list of those to be read from for the connection that had it before, and again for this one:
      // then this is the second time, and a handshake that is over must not begin again.
      guard connections[slot].state == .open, connections[slot].flags.contains(.handshaking) else { continue }
      shakeHands(slot)
    }
    counters.measures.handshakeWork += watch.nanoseconds
    tls.handshakes.end(after: number)
  }

  mutating func shakeHands(_ slot: UInt32) {
    guard drain.phase == .running, let context = tls.context else { return }
    // The stream is only made now, so a client that sends nothing costs nothing.
    let stream = connections[slot].tls ?? TLSStream(connections[slot].descriptor, context)
    connections[slot].tls = stream
    let step = stream.handshake()
    accountInput(stream.bufferedChange())
    switch step {
    case .done: completeHandshake(slot, stream)
    case .blocked: connections[slot].flags.remove(.readable)
    case .failed(let failure): refuse(slot, failure)
    }
  }

  private mutating func completeHandshake(_ slot: UInt32, _ stream: TLSStream) {
    connections[slot].flags.remove(.handshaking)
    counters.measures.move(from: .handshaking, to: .waiting)
    counters.handshakes += 1
    let began = deadlines.liveness.beginning(of: slot) ?? now
    counters.measures.handshakes.observe(nanoseconds: UInt64(now.since(began)) * 1_000_000)
    if stream.isResumed { counters.handshakesResumed += 1 }
    hub.log.write(
      .debug,
      "tls peer=\(peer(slot)) \(stream.description) resumed=\(stream.isResumed) certificate=\(stream.hasCertificate)")
    // It began before a reload, and was verified by what was in force then.
    if connections[slot].flags.contains(.verifyAgain), !verifyAgain(slot) { return }
    // What the client has sent behind its part of the handshake may have been read with it.
    connections[slot].flags.insert(.readable)
    enqueue(slot)
  }

  /// A handshake has failed. The peer has been told why, and that is to arrive.
  private mutating func refuse(_ slot: UInt32, _ failure: TLSStream.HandshakeFailure) {
    let reason: CloseReason = failure.refused == nil ? .handshakeFailed : .certificateRefused
    counters[reason] += 1
    // Any port scan fails to shake hands; a certificate that is refused is something that an operator wants to know of.
    logClose(slot, reason, at: failure.isFromClient ? .info : .debug, "-", because: failure.description)
    if let subject = failure.refused { noteRefusedCertificate(slot, subject, failure.description) }
    noteEnding(slot, reason)
    connections[slot].session.end()
    connections[slot].state = .ending
    deadlines.liveness.set(slot, Deadlines.linger, since: now)
    shutOutput(slot)
  }
}
