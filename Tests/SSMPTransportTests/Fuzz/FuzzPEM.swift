// One fuzz input as a file in PEM form.

import FuzzHarness

@testable import SSMPTransport

/// Reads an input as certificates, a key, and revocation lists, and asks for everything that is said of them.
func fuzzPEM(_ input: [UInt8]) throws {
  let certificates = (try? Certificate.parse(pem: input)) ?? []
  let lists = (try? RevocationList.parse(pem: input)) ?? []
  let key = try? PrivateKey(pem: input)
  for certificate in certificates {
    _ = certificate.subject
    _ = certificate.validity
    _ = SubjectNames(of: certificate.x509)
    if let key { _ = key.fits(certificate) }
    for list in lists {
      _ = list.isIssued(by: certificate)
      _ = list.isSigned(by: certificate)
      _ = list.revokes(certificate.x509)
    }
  }
  for list in lists {
    _ = list.issuer
    _ = list.validity
  }
  guard let first = certificates.first else { return }
  guard let trust = try? TrustStore(authorities: certificates, lists: lists, intermediates: IntermediatePool()) else {
    return
  }
  try? trust.verifyAgain(first)
}
