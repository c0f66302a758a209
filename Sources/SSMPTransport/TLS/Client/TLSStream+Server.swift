// What a client checks of its server, and what it learns when one of them rejects the other.

import COpenSSL
import Glibc

extension TLSStream {
  /// Has the server's certificate checked against the host that was asked for: OpenSSL compares it with the alternative names, and not
  /// with the Common Name (RFC 9525; `X509_VERIFY_PARAM_set1_host`, `X509_VERIFY_PARAM_set1_ip_asc`).
  func expect(_ host: String) {
    let ssl = unsafe state.pointee.ssl
    let parameters = unsafe SSL_get0_param(ssl)
    if Self.isAddress(host) {
      _ = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
    } else {
      unsafe X509_VERIFY_PARAM_set_hostflags(
        parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
      // A name that could not be set must not leave the certificate unchecked.
      precondition(unsafe X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1, "out of memory")
      _ = unsafe ssmp_SSL_set_host_name(ssl, host)
    }
    ERR_clear_error()
  }

  private static func isAddress(_ host: String) -> Bool {
    var four = in_addr()
    var six = in6_addr()
    return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
  }

  /// On the client's side: why the connection has failed, if one side does not accept the other's certificate; `nil` if it stands, or
  /// has failed for another reason.
  public var rejection: String? {
    let ssl = unsafe state.pointee.ssl
    let result = unsafe SSL_get_verify_result(ssl)
    if unsafe !state.pointee.isEstablished, result != Int(X509_V_OK) {
      return
        unsafe "the server's certificate is not accepted: \(String(cString: X509_verify_cert_error_string(result)))"
    }
    let code = unsafe state.pointee.failureCode
    // Alerts that come are numbered from 1000 on (`SSL_AD_REASON_OFFSET`).
    let alert = Int32(truncatingIfNeeded: code & 0x7f_ffff) - 1000
    guard Self.certificateAlerts.contains(alert), let text = unsafe ERR_reason_error_string(code) else { return nil }
    return unsafe "the server does not accept the client's certificate: \(String(cString: text))"
  }

  /// Alerts about certificates (RFC 8446, section 6.2): bad, unsupported, revoked, expired, unknown, unknown authority, access denied,
  /// required.
  private static let certificateAlerts: Set<Int32> = [42, 43, 44, 45, 46, 48, 49, 116]
}
