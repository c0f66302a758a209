// The making of a certificate, field by field.

import COpenSSL

/// A certificate that is not signed yet. What it points to belongs to whoever made it.
struct CertificateBuilder {
  let certificate: OpaquePointer
  let options: CertificateOptions

  /// Fills in everything but the signature.
  ///
  /// - Parameters:
  ///   - key: the key that the certificate is about.
  ///   - issuer: the certificate of the issuer; `nil` when the certificate signs itself.
  func fill(serial: UInt64, key: OpaquePointer, issuer: OpaquePointer?) throws {
    try require(X509_set_version(certificate, 2), "version")
    try require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial), "serial")
    try require(X509_set_pubkey(certificate, key), "public key")
    _ = try required(X509_gmtime_adj(X509_getm_notBefore(certificate), options.notBefore), "not before")
    _ = try required(X509_gmtime_adj(X509_getm_notAfter(certificate), options.notAfter), "not after")
    try setSubject()
    try require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer ?? certificate)), "issuer")
    try addExtensions(issuer: issuer)
  }

  private func setSubject() throws {
    let name = try required(X509_NAME_new(), "subject")
    defer { X509_NAME_free(name) }
    if let organization = options.organization {
      try Self.add(Array(organization.utf8), as: NID_organizationName, to: name)
    }
    for commonName in options.commonNames { try Self.add(commonName, as: NID_commonName, to: name) }
    try require(X509_set_subject_name(certificate, name), "subject")
  }

  private static func add(_ value: [UInt8], as kind: Int32, to name: OpaquePointer) throws {
    // OpenSSL checks what is called UTF-8; anything goes as T61String.
    let type = String(validating: value, as: UTF8.self) == nil ? V_ASN1_T61STRING : V_ASN1_UTF8STRING
    try require(X509_NAME_add_entry_by_NID(name, kind, type, value, Int32(value.count), -1, 0), "subject")
  }

  private func addExtensions(issuer: OpaquePointer?) throws {
    try add(NID_basic_constraints, options.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE", issuer)
    if let usage = options.keyUsage { try add(NID_key_usage, usage, issuer) }
    if let usage = options.extendedKeyUsage { try add(NID_ext_key_usage, usage, issuer) }
    try add(NID_subject_key_identifier, "hash", issuer)
    if issuer != nil { try add(NID_authority_key_identifier, "keyid:always", issuer) }
    if options.hasUnknownExtension { try addUnknown() }
    if !options.alternativeNames.isEmpty { try AlternativeName.add(options.alternativeNames, to: certificate) }
  }

  private func addUnknown() throws {
    let made = try required(X509V3_EXT_conf(nil, nil, "1.2.3.4.5.6", "critical,DER:0500"), "unknown extension")
    defer { X509_EXTENSION_free(made) }
    try require(X509_add_ext(certificate, made, -1), "unknown extension")
  }

  private func add(_ kind: Int32, _ value: String, _ issuer: OpaquePointer?) throws {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
    let made = try required(X509V3_EXT_conf_nid(nil, &context, kind, value), "extension '\(value)'")
    defer { X509_EXTENSION_free(made) }
    try require(X509_add_ext(certificate, made, -1), "extension '\(value)'")
  }
}
