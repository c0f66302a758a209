// New certificates, authorities and revocation lists, as far as a loop is concerned.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Takes over what a reload has put in effect. If the authorities or revocation lists have
  /// changed, the certificates of all connections are verified again.
  mutating func adoptReload() {
    if index == 0, let reloaded = hub.takeReload() {
      hub.apply(reloaded)
      acceptor.offer(reloaded.configuration)
      if reloaded.access != nil { upkeep.isRechecking = true }
    }
    noticeSettings()
    recheckAccess()
    guard let server = hub.tls else { return }
    let generation = server.generation.load(ordering: .acquiring)
    if generation != tls.generation { tls.adopt(server.context(of: index), generation: generation) }
    if tls.nextReview != nil { verifyAgain() }
    logExpiry(server)
  }

  /// Looks at certificates again, as many as a turn has time for.
  private mutating func verifyAgain() {
    let watch = Stopwatch()
    while let slot = tls.nextReview, slot < connections.slots.upperBound {
      if watch.microseconds >= Tuning.handshakeTime { return }
      tls.nextReview = slot + 1
      guard connections[slot].state == .open, connections[slot].tls != nil else { continue }
      if connections[slot].flags.contains(.handshaking) {
        connections[slot].flags.insert(.verifyAgain)
      } else {
        verifyAgain(slot)
      }
    }
    tls.nextReview = nil
  }

  /// Closes a connection if its certificate is not accepted any more. Returns false if it was
  /// closed.
  @discardableResult
  mutating func verifyAgain(_ slot: UInt32) -> Bool {
    connections[slot].flags.remove(.verifyAgain)
    guard let context = tls.context, let stream = connections[slot].tls, stream.hasCertificate else { return true }
    guard let certificate = stream.certificate(in: context.library) else {
      abort(slot, .certificateUntrusted, because: "the certificate cannot be read any more")
      return false
    }
    do throws(TrustStore.Refusal) {
      try context.trust.verifyAgain(certificate)
      return true
    } catch {
      abort(slot, error.isRevocation ? .certificateRevoked : .certificateUntrusted, because: "\(error)")
      return false
    }
  }

  /// Once a day the first loop says what is about to expire.
  private mutating func logExpiry(_ server: ServerTLS) {
    guard index == 0, now.since(tls.expiryLogged) >= Tuning.expiryInterval else { return }
    tls.expiryLogged = now
    server.logDates(hub.log, atLeast: .warning)
  }

  /// The milliseconds until `logExpiry` has something to do; `nil` for never.
  @inline(__always) func expiryRemaining() -> UInt32? {
    guard index == 0, hub.tls != nil else { return nil }
    return Tuning.expiryInterval - min(now.since(tls.expiryLogged), Tuning.expiryInterval)
  }

  /// Notes what the certificate of a connection proves of the LOGIN that is about to be served (Client certificate).
  func presentCertificate(of slot: UInt32, to session: inout Session, _ bytes: RawSpan) {
    guard let context = tls.context, let names = connections[slot].tls?.names(in: context.library) else { return }
    session.present(
      CertificateNames(commonNames: names.common, alternativeNames: names.alternative), for: intake.batch, bytes)
  }
}
