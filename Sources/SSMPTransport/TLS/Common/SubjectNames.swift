// The names in a certificate.

import COpenSSL
import Glibc

/// The names that a certificate gives its subject, as the bytes that stand there.
public struct SubjectNames: Equatable, Sendable {
  /// All Common Names.
  public let common: [[UInt8]]
  /// The DNS, e-mail and URI names, and the IP addresses as text.
  public let alternative: [[UInt8]]

  init(common: [[UInt8]] = [], alternative: [[UInt8]] = []) {
    self.common = common
    self.alternative = alternative
  }

  /// The bytes of all names.
  var size: Int { (common + alternative).reduce(0) { $0 + $1.count + 2 } }
  var isEmpty: Bool { common.isEmpty && alternative.isEmpty }

  /// The names in a certificate of OpenSSL's.
  init(of x509: OpaquePointer) {
    unsafe self.init(common: Self.common(x509), alternative: Self.alternative(x509))
  }

  private static func common(_ x509: OpaquePointer) -> [[UInt8]] {
    let subject = unsafe X509_get_subject_name(x509)
    var names: [[UInt8]] = []
    var index = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    while index >= 0 {
      let entry = unsafe X509_NAME_get_entry(subject, index)
      unsafe names.append(bytes(X509_NAME_ENTRY_get_data(entry)))
      index = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, index)
    }
    return names
  }

  private static func alternative(_ x509: OpaquePointer) -> [[UInt8]] {
    guard let raw = unsafe X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else {
      ERR_clear_error()
      return []
    }
    let all = OpaquePointer(raw)
    defer { unsafe GENERAL_NAMES_free(all) }
    return unsafe (0..<ssmp_GENERAL_NAMES_count(all)).compactMap { index in
      guard let string = unsafe ssmp_GENERAL_NAMES_string(all, index) else { return nil }
      let bytes = unsafe bytes(string)
      return unsafe ssmp_GENERAL_NAMES_type(all, index) == GEN_IPADD ? address(bytes) : bytes
    }
  }

  private static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
  }

  /// The text of an IPv4 or IPv6 address, as `inet_ntop` writes it.
  private static func address(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
    return text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }
}
