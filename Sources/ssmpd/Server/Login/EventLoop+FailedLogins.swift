// Logins that fail.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// A LOGIN, the first request of the batch, was refused.
  mutating func noteFailedLogin(_ slot: UInt32, _ refusal: LoginRefusal, _ bytes: UnsafeRawBufferPointer) {
    let request = intake.batch[0]
    noteFailedLogin(
      slot, String(decoding: bytes[request.id], as: UTF8.self), String(decoding: bytes[request.scheme], as: UTF8.self),
      .refused(refusal))
  }

  /// A client has presented a certificate that does not verify.
  mutating func noteRefusedCertificate(_ slot: UInt32, _ subject: String, _ cause: String) {
    // A subject can be as long as all the certificates that one may send.
    let subject = String(String.UnicodeScalarView(subject.unicodeScalars.prefix(256)))
    noteFailedLogin(slot, "-", "cert", .certificate, more: " subject=\(subject.quoted) because=\(cause.quoted)")
  }

  /// The line that other programs go by (packaging/fail2ban): its beginning, up to `reason`, stays as it is.
  private mutating func noteFailedLogin(
    _ slot: UInt32, _ id: String, _ scheme: String, _ reason: FailedLogin, more: String = ""
  ) {
    counters[reason] += 1
    let address = hub.admissions.peer(connections[slot].address)
    let unlogged = hub.logins.fail(address, limit: settings.maxFailedLogins, now: Ticks.seconds())
    guard let unlogged else { return oweLines() }
    let rest = unlogged > 0 ? " unlogged=\(unlogged)" : ""
    hub.log.write(
      .warning,
      "login failed peer=\(peer(slot)) id=\(id.logged) scheme=\(scheme.logged) reason=\(reason.label)\(more)\(rest)"
    )
  }
}
