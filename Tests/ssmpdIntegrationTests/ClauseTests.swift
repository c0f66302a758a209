// That every sentence of the specification that binds a server is tested.

import Foundation
import Testing

@Suite("Clauses of the specification")
struct ClauseTests {
  /// An entry of `clauses.txt`: `NUMBER, SECTION: "SENTENCE"`.
  struct Clause {
    let number: Int
    let text: String
  }

  static func clauses() throws -> [Clause] {
    let file = Vector.folder.appendingPathComponent("clauses.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    return try lines.filter { !$0.hasPrefix("#") }.map { line in
      let parts = line.split(separator: ", ", maxSplits: 1)
      let number = try #require(parts.first.flatMap { Int($0) }, "'\(line)' has no number")
      return Clause(number: number, text: String(try #require(parts.last)))
    }
  }

  /// The numbers that the titles of tests in Swift cite at their end: `clause 6)` or `clauses 6, 7)`.
  static func citedByTests() throws -> Set<Int> {
    let folder = Vector.folder.deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    var numbers: Set<Int> = []
    for file in files where file.lastPathComponent.hasSuffix("Tests.swift") && file.path != #filePath {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /clauses? ([0-9]+(?:, [0-9]+)*)\)/) {
        for number in match.1.split(separator: ", ") { numbers.insert(try #require(Int(number))) }
      }
    }
    return numbers
  }

  @Test("Every clause is cited by a vector or by a test")
  func allAreCited() throws {
    var cited = try Self.citedByTests()
    for vector in try Vector.all() {
      for case .clause(let number, _) in vector.citations { cited.insert(number) }
    }
    let clauses = try Self.clauses()
    #expect(clauses.map(\.number) == Array(1...clauses.count))
    for clause in clauses {
      #expect(cited.contains(clause.number), "\(clause.number), \(clause.text)")
    }
    #expect(cited.isSubset(of: clauses.map(\.number)))
  }

  @Test("A vector that cites a clause quotes it word for word")
  func quotesAreExact() throws {
    let clauses = try Self.clauses()
    for vector in try Vector.all() {
      for case .clause(let number, let text) in vector.citations {
        let clause = clauses.first { $0.number == number }
        #expect(clause?.text == text, sourceLocation: vector.location(vector.line))
      }
    }
  }
}
