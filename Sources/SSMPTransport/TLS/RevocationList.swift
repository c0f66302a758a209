// Lists of revoked certificates.

import COpenSSL

/// A certificate revocation list. Immutable, so it may be shared.
public final class RevocationList: @unchecked Sendable {
  /// Owned by this object.
  let crl: OpaquePointer

  private init(owning crl: OpaquePointer) {
    self.crl = crl
  }

  deinit {
    X509_CRL_free(crl)
  }

  /// All revocation lists in a file in PEM form, at least one.
  public static func parse(pem: [UInt8]) throws(TLSError) -> [RevocationList] {
    let found = try PEM.readAll(pem, of: "revocation list") { PEM_read_bio_X509_CRL($0, nil, nil, nil) }
    return found.map(RevocationList.init(owning:))
  }

  /// Who has issued it, in one line, for messages.
  public var issuer: String { Certificate.text(X509_CRL_get_issuer(crl)) }

  /// The time in which it is valid.
  public var validity: Validity {
    Validity(from: X509_CRL_get0_lastUpdate(crl), until: X509_CRL_get0_nextUpdate(crl))
  }

  /// True when the list names `authority` as its issuer.
  public func isIssued(by authority: Certificate) -> Bool {
    X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority.x509)) == 0
  }

  /// True when the list is signed with the key of `authority`.
  public func isSigned(by authority: Certificate) -> Bool {
    defer { ERR_clear_error() }
    return X509_CRL_verify(crl, X509_get0_pubkey(authority.x509)) == 1
  }
}
