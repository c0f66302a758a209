// Counts by the cases of an enumeration.

import Containers
import SSMPCore
import Testing

@Suite("Counts by case")
struct CaseCountsTests {
  @Test("Every case of every enumeration that is counted by has a place of its own")
  func all() {
    each(of: Verb.self)
    each(of: ReplyCode.self)
    each(of: CloseReason.self)
  }

  private func each<Key: CaseIterable & RawRepresentable<UInt8> & Sendable & Equatable>(of type: Key.Type) {
    var counts = CaseCounts<Key, Int>()
    for (number, key) in Key.allCases.enumerated() { counts[key] = number + 1 }
    for (number, key) in Key.allCases.enumerated() { #expect(counts[key] == number + 1, "\(key)") }
    counts += counts
    for (number, key) in Key.allCases.enumerated() { #expect(counts[key] == 2 * (number + 1), "\(key)") }
  }

  private enum Spread: UInt8, CaseIterable { case first = 0, last = 255 }

  @Test("The largest raw value there can be has a place, too")
  func largest() { each(of: Spread.self) }
}
