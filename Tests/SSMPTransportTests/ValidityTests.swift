// When something is valid, as time passes.

import Glibc
import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("Validity")
struct ValidityTests {
  private func validity(from start: Int, until end: Int) throws -> Validity {
    var options = CertificateOptions.device("printer")
    (options.notBefore, options.notAfter) = (start, end)
    let pem = try TestCertificate.authority("root").issue(options).certificatePEM
    return try Certificate.parse(pem: Array(pem.utf8))[0].validity
  }

  @Test("It is seen from now, not from when it was read: who reads it once a day sees it come nearer")
  func passes() throws {
    let validity = try validity(from: -60, until: 2)
    #expect(!validity.hasExpired && !validity.isEarly)
    let deadline = time(nil) + 20
    while !validity.hasExpired, time(nil) < deadline { usleep(50_000) }
    #expect(validity.hasExpired)
  }

  @Test(
    "It tells how long is left, and what is too early from what is too late", arguments: [-7200, 7200, 9_000_000_000])
  func seconds(offset: Int) throws {
    let validity = try validity(from: offset, until: offset + 3600)
    #expect(abs(validity.secondsUntilStart - offset) <= 2)
    #expect(abs((validity.secondsUntilEnd ?? 0) - offset - 3600) <= 2)
    #expect(validity.isEarly == (offset > 0) && validity.hasExpired == (offset < -3600))
  }
}
