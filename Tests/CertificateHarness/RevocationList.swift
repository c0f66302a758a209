// Lists of certificates that are valid no more.

import COpenSSL
import Glibc

extension TestCertificate {
  /// A certificate revocation list (version 2) that is signed with the key of this certificate, as PEM.
  ///
  /// - Parameters:
  ///   - revoked: the certificates on the list; only their serial numbers matter.
  ///   - descending: in the order of these numbers backwards; forwards otherwise. Any order is allowed.
  ///   - lastUpdate: when the list was made, in seconds from now.
  ///   - nextUpdate: when it is out of date, in seconds from now.
  ///   - number: its CRL number; by default one that grows with time. `.some(nil)` for a list without one.
  /// - Throws: `TLSFailure` when OpenSSL fails.
  public func revocationList(
    revoking revoked: [TestCertificate], descending: Bool = false, lastUpdate: Int = -3600,
    nextUpdate: Int = 30 * 86_400, number: UInt64?? = nil
  ) throws -> String {
    let list = try required(X509_CRL_new(), "revocation list")
    defer { X509_CRL_free(list) }
    try require(X509_CRL_set_version(list, 1), "version")
    try require(X509_CRL_set_issuer_name(list, X509_get_subject_name(x509)), "issuer")
    try withTime(lastUpdate) { try require(X509_CRL_set1_lastUpdate(list, $0), "last update") }
    try withTime(nextUpdate) { try require(X509_CRL_set1_nextUpdate(list, $0), "next update") }
    let ordered = revoked.sorted { (Self.compare($0, $1) > 0) == descending }
    for certificate in ordered { try add(certificate, to: list, at: lastUpdate) }
    try addExtensions(to: list, number: number ?? UInt64(time(nil)) * 1000)
    try require(X509_CRL_sign(list, key, Self.digest(for: key)), "signature")
    return try PEM.text("revocation list") { PEM_write_bio_X509_CRL($0, list) }
  }

  private static func compare(_ one: TestCertificate, _ other: TestCertificate) -> Int32 {
    ASN1_INTEGER_cmp(X509_get0_serialNumber(one.x509), X509_get0_serialNumber(other.x509))
  }

  private func withTime(_ seconds: Int, _ body: (UnsafeMutablePointer<ASN1_TIME>) throws -> Void) throws {
    let time = try required(X509_gmtime_adj(nil, seconds), "time")
    defer { ASN1_STRING_free(time) }
    try body(time)
  }

  private func add(_ certificate: TestCertificate, to list: OpaquePointer, at seconds: Int) throws {
    let entry = try required(X509_REVOKED_new(), "revocation")
    do {
      try require(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.x509)), "serial")
      try withTime(seconds) { try require(X509_REVOKED_set_revocationDate(entry, $0), "revocation date") }
      try require(X509_CRL_add0_revoked(list, entry), "revocation")
    } catch {
      X509_REVOKED_free(entry)
      throw error
    }
  }

  private func addExtensions(to list: OpaquePointer, number value: UInt64?) throws {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, x509, nil, nil, list, 0)
    let identifier = X509V3_EXT_conf_nid(nil, &context, NID_authority_key_identifier, "keyid:always")
    let extra = try required(identifier, "authority key identifier")
    defer { X509_EXTENSION_free(extra) }
    try require(X509_CRL_add_ext(list, extra, -1), "authority key identifier")
    guard let value else { return }
    let number = try required(ASN1_INTEGER_new(), "list number")
    defer { ASN1_STRING_free(number) }
    try require(ASN1_INTEGER_set_uint64(number, value), "list number")
    try require(
      X509_CRL_add1_ext_i2d(list, NID_crl_number, UnsafeMutableRawPointer(number), 0, UInt(X509V3_ADD_DEFAULT)),
      "list number")
  }
}
