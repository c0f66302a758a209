// The inputs of the fuzzers of files and lines, old crashers among them, as ordinary tests.

import Foundation
import Testing

@Suite("Fuzz corpus of files and lines")
struct FileCorpusTests {
  typealias Target = @Sendable ([UInt8]) throws -> Void

  static let targets: [(name: String, run: Target)] = [
    ("configuration", { try fuzzConfiguration($0) }), ("access", { try fuzzAccess($0) }),
    ("admin", { try fuzzAdmin($0) }), ("http", { try fuzzHTTP($0) }),
  ]

  @Test("Every input keeps the invariants of its target, cut off anywhere, too", arguments: targets.map(\.name))
  func replay(_ name: String) throws {
    let target = try #require(Self.targets.first { $0.name == name })
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/corpus/\(name)")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      let bytes = Array(try Data(contentsOf: file))
      for length in Set(stride(from: 0, through: bytes.count, by: max(1, bytes.count / 50)) + [bytes.count]) {
        #expect(throws: Never.self, "\(file.lastPathComponent), \(length) bytes") {
          try target.run(Array(bytes.prefix(length)))
        }
      }
    }
  }
}
