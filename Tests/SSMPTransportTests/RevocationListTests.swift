// Lists of revoked certificates by themselves; what they do to clients is among the integration tests.

import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("Revocation list")
struct RevocationListTests {
  private func parse(_ certificate: TestCertificate) throws -> Certificate {
    try #require(try Certificate.parse(pem: Array(certificate.certificatePEM.utf8)).first)
  }

  private func list(_ list: RevocationList, revokes device: TestCertificate) throws -> Bool {
    let certificate = try parse(device)
    return withExtendedLifetime(certificate) { list.revokes(certificate.x509) }
  }

  @Test("Whatever the order of its entries, its signature holds, and all of them are found", arguments: [false, true])
  func order(descending: Bool) throws {
    let (authority, other) = (try TestCertificate.authority("CA"), try TestCertificate.authority("Other"))
    let devices = try (0..<5).map { try authority.device("pump/\($0)") }
    let revoked = Array(devices.dropFirst())
    let pem = try authority.revocationList(revoking: revoked, descending: descending)
    let list = try #require(try RevocationList.parse(pem: Array(pem.utf8)).first)
    // Before the first search, and after it.
    #expect(try list.isSigned(by: parse(authority)) && !list.isSigned(by: parse(other)))
    for device in revoked { #expect(try self.list(list, revokes: device)) }
    #expect(try !self.list(list, revokes: devices[0]))
    let again = try #require(try RevocationList.parse(pem: Array(pem.utf8)).first)
    #expect(try self.list(again, revokes: revoked[0]))
    #expect(try again.isSigned(by: parse(authority)))
  }
}
