// Counts by the cases of an enumeration.

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

  private enum Many: UInt8, CaseIterable { case first = 0, last = 255 }

  @Test("An enumeration with more cases than there are places ends the process, instead of a later count")
  func tooMany() async {
    await #expect(processExitsWith: .failure) { _ = CaseCounts<Many, Int>() }
  }
}
