// Whether certificates have been revoked.

import COpenSSL

/// Looks certificates up in revocation lists.
///
/// OpenSSL can do this while it verifies a chain, but it verifies the signature over a whole list each time, before it looks
/// at the chain's own signatures: with 300,000 revoked certificates that was 25 ms for every handshake, also for one
/// with a forged certificate. Here it comes after the chain has verified, and a list is verified once.
///
/// Where there are lists, the certificate of a client has to be on none, and there has to be one of its issuer's; for the
/// authorities above it lists are used as far as they are there. A list that has expired goes on revoking what it lists,
/// and keeps nobody out otherwise.
struct RevocationCheck {
  private let lists: [RevocationList]

  init(_ lists: [RevocationList]) {
    self.lists = lists
  }

  /// Checks a chain that has verified, from a client's certificate up to an anchor, which nobody revokes.
  func check(_ chain: OpaquePointer?) throws(TrustStore.Refusal) {
    guard !lists.isEmpty else { return }
    let count = unsafe ssmp_sk_X509_count(chain)
    for index in 0..<count {
      guard let certificate = unsafe ssmp_sk_X509_at(chain, index) else { continue }
      // The only certificate of a chain is an anchor by itself.
      guard let issuer = unsafe ssmp_sk_X509_at(chain, min(index + 1, count - 1)), index < count - 1 || index == 0
      else {
        return
      }
      let concerned = lists.filter { unsafe $0.isIssued(by: issuer) && $0.isVerified(by: issuer) }
      if concerned.contains(where: { unsafe $0.revokes(certificate) }) {
        throw TrustStore.Refusal(code: X509_V_ERR_CERT_REVOKED)
      }
      if index == 0, concerned.isEmpty { throw TrustStore.Refusal(code: X509_V_ERR_UNABLE_TO_GET_CRL) }
    }
  }
}
