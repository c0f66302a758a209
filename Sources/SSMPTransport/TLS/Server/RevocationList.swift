// Lists of revoked certificates.

import COpenSSL

/// A certificate revocation list. It does not change, except that it notes which authority has signed it, so it may be
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

  /// The name of its issuer, in one line, for messages.
  public var issuer: String { unsafe Certificate.text(X509_CRL_get_issuer(crl)) }

  /// The time in which it is valid.
  public var validity: Validity {
    unsafe Validity(from: X509_CRL_get0_lastUpdate(crl), until: X509_CRL_get0_nextUpdate(crl))
  }

  /// Its number as text, for messages; `nil` when it has none.
  public var number: String? {
    unsafe withNumber { number in
      guard let number = unsafe number, let value = unsafe ASN1_INTEGER_to_BN(number, nil) else { return nil }
      defer { unsafe BN_free(value) }
      guard let text = unsafe BN_bn2dec(value) else { return nil }
      defer { unsafe CRYPTO_free(text, #fileID, #line) }
      return unsafe String(cString: text)
    }
  }

  /// True when both lists are by the same issuer, and not signed with different keys of it as far as they say.
  public func hasIssuer(of other: RevocationList) -> Bool {
    guard unsafe X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_CRL_get_issuer(other.crl)) == 0 else { return false }
    let (own, others) = (issuerKey, other.issuerKey)
    return own == nil || others == nil || own == others
  }

  /// True when the issuer made it before the other one: by the numbers of the lists, or by their times where one has no number.
  public func isOlder(than other: RevocationList) -> Bool {
    unsafe withNumber { own in
      unsafe other.withNumber { others in
        if let own = unsafe own, let others = unsafe others { return unsafe ASN1_INTEGER_cmp(own, others) < 0 }
        return unsafe ASN1_TIME_compare(X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_lastUpdate(other.crl)) < 0
      }
    }
  }

  private func withNumber<Result>(_ body: (UnsafeMutablePointer<ASN1_INTEGER>?) -> Result) -> Result {
    let number = unsafe X509_CRL_get_ext_d2i(crl, NID_crl_number, nil, nil)?.assumingMemoryBound(to: ASN1_INTEGER.self)
    defer { unsafe ASN1_STRING_free(number) }
    return unsafe body(number)
  }

  /// The identifier of the key that it says it is signed with, in DER.
  private var issuerKey: [UInt8]? {
    let index = unsafe X509_CRL_get_ext_by_NID(crl, NID_authority_key_identifier, -1)
    guard index >= 0, let data = unsafe X509_EXTENSION_get_data(X509_CRL_get_ext(crl, index)) else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(data), count: Int(ASN1_STRING_length(data))))
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
