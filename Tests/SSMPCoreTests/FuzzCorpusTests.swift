// The inputs of the fuzzers, old crashers among them, as ordinary tests.

import Foundation
import FuzzHarness
import Testing

@Suite("Fuzz corpus")
struct FuzzCorpusTests {
  static let inputs: [(name: String, bytes: [UInt8])] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return ["parser", "session"].flatMap { target in
      let folder = root.appendingPathComponent("Fuzz/corpus/\(target)")
      let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
      return files.compactMap { file in
        (try? Data(contentsOf: file)).map { ("\(target)/\(file.lastPathComponent)", Array($0)) }
      }
    }
  }()

  @Test("The corpus is where it is looked for")
  func found() {
    #expect(Self.inputs.contains { $0.name.hasPrefix("parser/") })
    #expect(Self.inputs.contains { $0.name.hasPrefix("session/") })
  }

  @Test("Every input keeps the invariants of the parser")
  func parser() {
    for input in Self.inputs { #expect(throws: Never.self, "\(input.name)") { try fuzzParser(input.bytes) } }
  }

  @Test("Every input keeps the invariants of a session")
  func session() {
    for input in Self.inputs { #expect(throws: Never.self, "\(input.name)") { try fuzzSession(input.bytes) } }
  }
}
