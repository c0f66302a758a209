// Lists of revoked certificates.

import COpenSSL

/// A certificate revocation list. It does not change, but for its note of who is known to have signed it, so it may be
/// shared.
@safe
public final class RevocationList: @unchecked Sendable {
  /// Owned by this object.
  private let crl: OpaquePointer
  private let lock = Lock()
  // Guarded by `lock`: keys, and whether they have signed this list. As many as there are authorities of
  // one name.
  private var signers: [[UInt8]: Bool] = [:]

  private init(owning crl: OpaquePointer) {
    unsafe self.crl = unsafe crl
    // The first search sorts the list, which is not to happen in somebody's handshake. (`X509_CRL_sort` would also take the
    // bytes that were signed for outdated, and the signature for wrong.)
    var entry: OpaquePointer?
    let number = unsafe ASN1_INTEGER_new()
    _ = unsafe X509_CRL_get0_by_serial(crl, &entry, number)
    unsafe ASN1_STRING_free(number)
  }

  deinit {
    unsafe X509_CRL_free(crl)
  }

  /// All revocation lists in a file in PEM form, at least one, and complete ones: not those that only say what has changed, or
  /// that cover only some of their issuer's certificates.
  ///
  /// - Parameter isAllowed: whether a block of another kind may be in the file, by its label.
  public static func parse(
    pem: [UInt8], beside isAllowed: (String) -> Bool
  ) throws(TLSError) -> [RevocationList] {
    let lists = try unsafe PEM.readAll(pem, of: "revocation list", labels: labels, beside: isAllowed) {
      unsafe PEM_read_bio_X509_CRL($0, nil, nil, nil).map(RevocationList.init(owning:))
    }
    if let odd = lists.first(where: { !$0.isComplete }) {
      throw TLSError("holds a revocation list by \(odd.issuer) that is not complete by itself")
    }
    return lists
  }

  /// All revocation lists in a file in PEM form, at least one; what else is in it does not matter.
  public static func parse(pem: [UInt8]) throws(TLSError) -> [RevocationList] { try parse(pem: pem) { _ in true } }

  /// What blocks with a revocation list are called.
  public static let labels: Set<String> = ["X509 CRL"]

  /// Who has issued it, in one line, for messages.
  public var issuer: String { unsafe Certificate.text(X509_CRL_get_issuer(crl)) }

  /// The time in which it is valid.
  public var validity: Validity {
    unsafe Validity(from: X509_CRL_get0_lastUpdate(crl), until: X509_CRL_get0_nextUpdate(crl))
  }

  /// True when the list names `authority` as its issuer.
  public func isIssued(by authority: Certificate) -> Bool { unsafe isIssued(by: authority.x509) }

  /// True when the list is signed with the key of `authority`.
  public func isSigned(by authority: Certificate) -> Bool { unsafe isVerified(by: authority.x509) }

  func isIssued(by authority: OpaquePointer) -> Bool {
    unsafe X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority)) == 0
  }

  /// True when the list is signed with the key of `authority`. The signature is looked at once for each key.
  func isVerified(by authority: OpaquePointer) -> Bool {
    guard let key = unsafe Certificate.publicKey(of: authority) else { return false }
    return lock.withLock {
      if let known = signers[key] { return known }
      let isSigned = unsafe X509_CRL_verify(crl, X509_get0_pubkey(authority)) == 1
      ERR_clear_error()
      signers[key] = isSigned
      return isSigned
    }
  }

  /// True when the list has `certificate`, which its issuer has issued.
  func revokes(_ certificate: OpaquePointer) -> Bool {
    var entry: OpaquePointer?
    // 2 says that it had been revoked, and is no more.
    return unsafe X509_CRL_get0_by_serial(crl, &entry, X509_get_serialNumber(certificate)) == 1
  }

  /// What has a critical extension cannot be understood without knowing that extension: such are lists of changes, and
  /// lists for a part of an issuer's certificates.
  private var isComplete: Bool {
    unsafe (0..<X509_CRL_get_ext_count(crl)).allSatisfy {
      unsafe X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, $0)) == 0
    }
  }
}
