// The certificates that other tests rely on.

import COpenSSL
import Foundation
import TLSHarness
import Testing

/// What OpenSSL finds when it verifies `certificate` from `root`: `X509_V_OK` or the first fault.
private func verify(
  _ certificate: TestCertificate, root: TestCertificate, by intermediates: [TestCertificate] = [],
  lists: [String] = []
) throws -> Int32 {
  let store = try #require(X509_STORE_new())
  defer { X509_STORE_free(store) }
  #expect(X509_STORE_add_cert(store, root.x509) == 1)
  for text in lists {
    let bio = try #require(BIO_new(BIO_s_mem()))
    defer { BIO_free(bio) }
    #expect(BIO_puts(bio, text) == text.utf8.count)
    let list = try #require(PEM_read_bio_X509_CRL(bio, nil, nil, nil))
    defer { X509_CRL_free(list) }
    #expect(X509_CRL_get_version(list) == 1)
    #expect(X509_STORE_add_crl(store, list) == 1)
  }
  if !lists.isEmpty { X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK)) }
  let chain = ssmp_sk_X509_new()
  defer { ssmp_sk_X509_free(chain) }
  for intermediate in intermediates { #expect(ssmp_sk_X509_append(chain, intermediate.x509) == 1) }
  let context = try #require(X509_STORE_CTX_new())
  defer { X509_STORE_CTX_free(context) }
  #expect(X509_STORE_CTX_init(context, store, certificate.x509, chain) == 1)
  let result = X509_verify_cert(context)
  let fault = X509_STORE_CTX_get_error(context)
  #expect((result == 1) == (fault == X509_V_OK))
  return fault
}

private func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
  Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
}

@Suite struct TestCertificateTests {
  @Test func commonNamesAreReadBackByteForByte() throws {
    let names: [[UInt8]] = [Array("printer".utf8), [], [97, 0, 98], [0xff]]
    let made = try TestCertificate.selfSigned(CertificateOptions(commonNames: names, organization: "Acme"))
    let subject = X509_get_subject_name(made.x509)
    var read: [[UInt8]] = []
    for index in 0..<X509_NAME_entry_count(subject) {
      read.append(bytes(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index))))
    }
    #expect(read == [Array("Acme".utf8)] + names)
  }

  @Test func alternativeNamesAreReadBackByteForByte() throws {
    let names: [AlternativeName] = [
      .dns("a.example"), .dns([97, 0, 98]), .email("a@b.example"), .uri("urn:x"), .ip("127.0.0.1"), .ip("::1"),
    ]
    let made = try TestCertificate.selfSigned(CertificateOptions(alternativeNames: names))
    let raw = try #require(X509_get_ext_d2i(made.x509, NID_subject_alt_name, nil, nil))
    let stack = OpaquePointer(raw)
    defer { GENERAL_NAMES_free(stack) }
    var read: [AlternativeName] = []
    for index in 0..<ssmp_GENERAL_NAMES_count(stack) {
      let content = bytes(ssmp_GENERAL_NAMES_string(stack, index))
      switch ssmp_GENERAL_NAMES_type(stack, index) {
      case GEN_DNS: read.append(.dns(content))
      case GEN_EMAIL: read.append(.email(content))
      case GEN_URI: read.append(.uri(content))
      default: read.append(.ip(content))
      }
    }
    #expect(read == names)
  }

  @Test(arguments: CertificateOptions.Key.allCases)
  func chainsVerifyWithEveryKindOfKey(key: CertificateOptions.Key) throws {
    var options = CertificateOptions.authority("root")
    options.key = key
    let root = try TestCertificate.selfSigned(options)
    let middle = try root.authority("middle")
    options = .device("printer")
    options.key = key
    let device = try middle.issue(options, serial: 7)
    #expect(try verify(device, root: root, by: [middle]) == X509_V_OK)
    #expect(try verify(device, root: root) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
    #expect(device.serial == 7 && ASN1_INTEGER_get(X509_get_serialNumber(device.x509)) == 7)
    #expect(device.certificatePEM.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    #expect(device.keyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
  }

  @Test func validityIsRelativeToNow() throws {
    let root = try TestCertificate.authority("root")
    var options = CertificateOptions.device("printer")
    options.notAfter = -60
    #expect(try verify(root.issue(options), root: root) == X509_V_ERR_CERT_HAS_EXPIRED)
    (options.notBefore, options.notAfter) = (60, 120)
    #expect(try verify(root.issue(options), root: root) == X509_V_ERR_CERT_NOT_YET_VALID)
  }

  @Test func revocationListsRevokeWhatTheyNameAndGoOutOfDate() throws {
    let root = try TestCertificate.authority("root")
    let (good, bad) = (try root.device("good"), try root.device("bad"))
    let list = try root.revocationList(revoking: [bad])
    #expect(try verify(good, root: root, lists: [list]) == X509_V_OK)
    #expect(try verify(bad, root: root, lists: [list]) == X509_V_ERR_CERT_REVOKED)
    let old = try root.revocationList(revoking: [], nextUpdate: -60)
    #expect(try verify(good, root: root, lists: [old]) == X509_V_ERR_CRL_HAS_EXPIRED)
  }
}
