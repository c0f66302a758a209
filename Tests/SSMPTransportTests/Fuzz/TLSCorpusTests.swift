// The inputs of the fuzzers of certificates and session records, old crashers among them, as ordinary tests.

import Foundation
import Testing

@testable import SSMPTransport

@Suite("Fuzz corpus of certificates and session records")
struct TLSCorpusTests {
  private static func inputs(_ name: String) throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/corpus/\(name)")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.map { Array(try Data(contentsOf: $0)) }
  }

  @Test("Every input keeps the invariants of reading PEM, cut off anywhere, too")
  func pem() throws {
    let inputs = try Self.inputs("pem")
    #expect(inputs.contains { (try? Certificate.parse(pem: $0)) != nil })
    #expect(inputs.contains { (try? RevocationList.parse(pem: $0)) != nil })
    for input in inputs {
      for length in stride(from: input.count, through: 0, by: -37) {
        #expect(throws: Never.self) { try fuzzPEM(Array(input.prefix(length))) }
      }
    }
  }

  @Test("Every input keeps the invariants of session records, cut off anywhere, too")
  func records() throws {
    for input in try Self.inputs("record") {
      for length in 0...input.count { #expect(throws: Never.self) { try fuzzRecord(Array(input.prefix(length))) } }
    }
  }
}
