// Blocks of PEM files, and those that would be passed over.

import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("PEM")
struct PEMBlockTests {
  private static let first = try? TestCertificate.authority("First CA").certificatePEM
  private static let second = try? TestCertificate.authority("Second CA").certificatePEM

  private func parse(_ text: String, beside isAllowed: (String) -> Bool = { _ in false }) throws -> [String] {
    try Certificate.parse(pem: Array(text.utf8), beside: isAllowed).map(\.subject)
  }

  private func fault(_ text: String) throws -> String {
    try #require(throws: TLSError.self) { try parse(text) }.description
  }

  @Test("All certificates of a file are read, with text and comments between them")
  func all() throws {
    let (first, second) = (try #require(Self.first), try #require(Self.second))
    let both = ["CN=First CA", "CN=Second CA"]
    #expect(try parse(first + second) == both)
    #expect(try parse("Some text --- of a tool\n---\n\(first)\n# -----BEGIN CERTIFICATE-----\n\(second)") == both)
    #expect(try parse((first + second).replacingOccurrences(of: "\n", with: "\r\n")) == both)
    #expect(try parse(first + first) == ["CN=First CA", "CN=First CA"])
  }

  @Test(
    "A BEGIN line that OpenSSL would pass over is refused with its number",
    arguments: [" ", "\t", "\u{feff}", "> ", "-", "\u{a0}"])
  func indented(prefix: String) throws {
    let (first, second) = (try #require(Self.first), try #require(Self.second))
    let line = first.split(separator: "\n").count + 1
    #expect(try fault(first + prefix + second).contains("cannot be read: line \(line) is no BEGIN or END line"))
    #expect(try fault(prefix + second).contains("cannot be read: line 1 is no BEGIN or END line"))
  }

  @Test(
    "A BEGIN line with other dashes is refused",
    arguments: ["----BEGIN X-----", "-----BEGIN X----", "-----BEGIN -----"])
  func dashes(line: String) throws {
    #expect(try fault(try #require(Self.first) + line + "\n").contains("is no BEGIN or END line"))
  }

  @Test("A block of another kind is refused, unless it is read elsewhere")
  func otherKinds() throws {
    let (first, second) = (try #require(Self.first), try #require(Self.second))
    let line = first.split(separator: "\n").count + 1
    for label in ["TRUSTED CERTIFICATE", "X509 CRL", "PRIVATE KEY"] {
      let text = first + second.replacingOccurrences(of: "CERTIFICATE", with: label)
      #expect(try fault(text) == "has on line \(line) a block '\(label)', which nobody would read; take it out")
      #expect(try parse(text) { $0 == label } == ["CN=First CA"])
    }
  }

  @Test("A block that is cut off is refused, wherever that is")
  func cut() throws {
    let (first, second) = (try #require(Self.first), try #require(Self.second))
    let whole = first + second
    // With its last line end alone nothing is missing; and of what is cut in the word BEGIN nobody can tell what it was to be.
    // (Whoever reads the file tells both by their last line, which does not end.)
    for count in (first.utf8.count + "-----BEGIN ".utf8.count)..<(whole.utf8.count - 1) {
      let text = String(whole.prefix(count))
      #expect(throws: TLSError.self, "\(count)") { try parse(text) }
    }
  }

  @Test("A file with several private keys is refused: nobody knows which is meant")
  func keys() throws {
    let key = try TestCertificate.authority("CA").keyPEM
    #expect(throws: Never.self) { try PrivateKey(pem: Array(key.utf8)) }
    let error = try #require(throws: TLSError.self) { try PrivateKey(pem: Array((key + key).utf8)) }
    #expect(error.description == "holds 2 private keys; give one")
  }
}
