// The parser against the reference grammar, on mutated requests.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Parser, against the reference grammar")
struct DifferentialTests {
  @Test("Mutated requests are read as the reference grammar reads them", arguments: [UInt64(1), 2, 3, 4])
  func fixedSeeds(_ seed: UInt64) throws {
    try run(seed: seed)
  }

  @Test("Mutations that nobody has seen before are read as the reference grammar reads them")
  func newSeed() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("mutated requests, seed \(seed)")
    try run(seed: seed)
  }

  private func run(seed: UInt64) throws {
    var chance = Chance(seed: seed)
    var outcomes = [0, 0, 0]
    for _ in 0..<400 {
      let bytes = mutated(&chance)
      for framing in [Framing.exact, .line, .undecided] {
        #expect(agrees(bytes, framing), "\(framing): \(bytes)")
      }
      switch ReferenceGrammar.outcome(of: bytes, framing: .exact) {
      case .complete: outcomes[0] += 1
      case .incomplete: outcomes[1] += 1
      case .invalid: outcomes[2] += 1
      }
    }
    #expect(outcomes.allSatisfy { $0 > 40 }, "too few of one outcome to mean something: \(outcomes)")
  }

  private func mutated(_ chance: inout Chance) -> [UInt8] {
    let marks: [UInt8] = [0, 1, 2, 3, 4, 10, 13, 32, 65, 33, 255]
    var bytes = chance.pick(sampleRequests)
    for _ in 0..<chance.below(4) {
      let place = chance.below(bytes.count + 1)
      switch chance.below(5) {
      case 0: bytes.insert(chance.pick(marks), at: place)
      case 1: bytes = Array(bytes.prefix(place))
      case 2 where place < bytes.count: bytes[place] = chance.pick(marks)
      case 3 where place < bytes.count: bytes.remove(at: place)
      default: bytes.insert(contentsOf: chance.pick(sampleRequests).suffix(4), at: place)
      }
    }
    return bytes
  }
}
