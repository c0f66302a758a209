// Subject alternative names, good and bad.

import COpenSSL
import Glibc

/// A subject alternative name; its bytes go into the certificate as they are, even those that no name may have.
public enum AlternativeName: Sendable, Equatable {
  /// A DNS name.
  case dns([UInt8])
  /// An e-mail address.
  case email([UInt8])
  /// A URI.
  case uri([UInt8])
  /// An IP address; 4 or 16 bytes in network order make a good one.
  case ip([UInt8])

  /// A DNS name.
  public static func dns(_ text: String) -> AlternativeName { .dns(Array(text.utf8)) }
  /// An e-mail address.
  public static func email(_ text: String) -> AlternativeName { .email(Array(text.utf8)) }
  /// A URI.
  public static func uri(_ text: String) -> AlternativeName { .uri(Array(text.utf8)) }

  /// An IP address as it is written, IPv4 or IPv6; one without any bytes when the text is none.
  public static func ip(_ text: String) -> AlternativeName {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, text, &bytes) == 1 { return .ip(bytes) }
    if inet_pton(AF_INET, text, &bytes) == 1 { return .ip(Array(bytes.prefix(4))) }
    return .ip([UInt8]())
  }

  private var content: (kind: Int32, type: Int32, bytes: [UInt8]) {
    switch self {
    case .dns(let bytes): (GEN_DNS, V_ASN1_IA5STRING, bytes)
    case .email(let bytes): (GEN_EMAIL, V_ASN1_IA5STRING, bytes)
    case .uri(let bytes): (GEN_URI, V_ASN1_IA5STRING, bytes)
    case .ip(let bytes): (GEN_IPADD, V_ASN1_OCTET_STRING, bytes)
    }
  }

  /// A name of OpenSSL's, which is the caller's.
  private func generalName() throws -> UnsafeMutablePointer<GENERAL_NAME> {
    let (kind, type, bytes) = content
    let name = try required(GENERAL_NAME_new(), "alternative name")
    guard let string = ASN1_STRING_type_new(type), ASN1_STRING_set(string, bytes, Int32(bytes.count)) == 1 else {
      GENERAL_NAME_free(name)
      throw TLSFailure.fromOpenSSL("alternative name")
    }
    GENERAL_NAME_set0_value(name, kind, string)
    return name
  }

  /// Puts the extension with these names into a certificate.
  static func add(_ names: [AlternativeName], to certificate: OpaquePointer) throws {
    let stack = try required(GENERAL_NAMES_new(), "alternative names")
    defer { GENERAL_NAMES_free(stack) }
    for name in names {
      let name = try name.generalName()
      guard ssmp_GENERAL_NAMES_append(stack, name) == 1 else {
        GENERAL_NAME_free(name)
        throw TLSFailure.fromOpenSSL("alternative names")
      }
    }
    let flags = UInt(X509V3_ADD_DEFAULT)
    try require(
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(stack), 0, flags),
      "alternative names")
  }
}
