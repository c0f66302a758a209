// The server's own certificates, as clients look at them.

import COpenSSL

/// The certificate of a server and what stands behind it in its file: the authorities above it, in any order.
public struct ServerChain: Sendable {
  private let certificates: [Certificate]
  /// From the server's certificate upwards, each the issuer of the one before.
  private let path: [Certificate]

  /// - Parameter certificates: at least one; the first one is the server's.
  public init(_ certificates: [Certificate]) {
    self.certificates = certificates
    var path = Array(certificates.prefix(1))
    var rest = Array(certificates.dropFirst())
    while let top = path.last, !top.isIssued(by: top), let next = rest.firstIndex(where: top.isIssued(by:)) {
      path.append(rest.remove(at: next))
    }
    self.path = path
  }

  /// The certificates that lead nowhere, in their order.
  public var strangers: [Certificate] {
    certificates.filter { other in !path.contains { $0.isSame(as: other) } }
  }

  /// Why clients that verify a server refuse this one, in OpenSSL's words, whatever authorities they trust and name they
  /// expect; `nil` when they do not. The last certificate of the chain counts as trusted, and time does not matter.
  public var refusal: String? {
    guard let server = path.first, let anchor = path.last else { return nil }
    // What leads nowhere beside a certificate that needs an issuer stands in the place of the right one.
    if path.count == 1, certificates.count > 1, !server.isIssued(by: server) {
      return Self.text(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
    }
    // OpenSSL looks at that only where the anchor is another certificate, as it is on clients.
    if path.contains(where: \.hasExplicitCurve) { return Self.text(X509_V_ERR_EC_KEY_EXPLICIT_PARAMS) }
    let store = unsafe allocated(X509_STORE_new())
    let others = unsafe allocated(ssmp_sk_X509_new())
    let context = unsafe allocated(X509_STORE_CTX_new())
    defer {
      unsafe X509_STORE_CTX_free(context)
      unsafe ssmp_sk_X509_free(others)
      unsafe X509_STORE_free(store)
      ERR_clear_error()
    }
    return withExtendedLifetime(path) {
      unsafe X509_STORE_add_cert(store, anchor.x509)
      for certificate in path { _ = unsafe ssmp_sk_X509_append(others, certificate.x509) }
      guard unsafe X509_STORE_CTX_init(context, store, server.x509, others) == 1 else {
        return Self.text(X509_V_ERR_OUT_OF_MEM)
      }
      unsafe X509_STORE_CTX_set_default(context, "ssl_server")
      let flags = UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME)
      unsafe X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), flags)
      guard unsafe X509_verify_cert(context) != 1 else { return nil }
      let code = unsafe X509_STORE_CTX_get_error(context)
      return Self.text(code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code)
    }
  }

  private static func text(_ code: Int32) -> String { unsafe String(cString: X509_verify_cert_error_string(Int(code))) }
}

extension Certificate {
  /// True when `issuer` can have issued it, by names and what it is for; its signature is not looked at.
  fileprivate func isIssued(by issuer: Certificate) -> Bool {
    defer { ERR_clear_error() }
    return unsafe X509_check_issued(issuer.x509, x509) == X509_V_OK
  }

  /// True when both are the same certificate.
  public func isSame(as other: Certificate) -> Bool { unsafe X509_cmp(x509, other.x509) == 0 }

  /// True when its key spells out its curve instead of naming it.
  fileprivate var hasExplicitCurve: Bool {
    defer { ERR_clear_error() }
    var value: Int32 = 0
    return unsafe EVP_PKEY_get_int_param(X509_get0_pubkey(x509), "decoded-from-explicit", &value) == 1 && value == 1
  }

  /// True when it may sign certificates.
  public var isAuthority: Bool {
    defer { ERR_clear_error() }
    return unsafe X509_check_ca(x509) != 0
  }
}
