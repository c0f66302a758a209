// Loss, duplicates and reordering.

import Testing

@testable import BenchTool

@Suite("Delivery track")
struct DeliveryTrackTests {
  private typealias Finding = DeliveryTrack.Finding

  private func findings(_ counters: [UInt32]) -> ([Finding], missing: UInt32) {
    var track = DeliveryTrack()
    return (counters.map { track.note($0) }, track.missing)
  }

  @Test("Numbers in order are new, and nothing is missing")
  func order() {
    let (found, missing) = findings(Array(0..<1000))
    #expect(found.allSatisfy { $0 == .new } && missing == 0)
  }

  @Test("What is passed over is missing, the first one too")
  func loss() {
    #expect(findings([0, 1, 3, 4]).missing == 1)
    #expect(findings([2]).missing == 2)
    #expect(findings([0, 100]).missing == 99)
  }

  @Test("What comes twice is a duplicate, near and far")
  func duplicates() {
    #expect(findings([0, 0]).0 == [.new, .duplicate])
    #expect(findings([0, 1, 2, 1]).0.last == .duplicate)
    #expect(findings(Array(0..<1000) + [3]).0.last == .duplicate)
    // A gap elsewhere does not hide it.
    #expect(findings([0, 1, 3, 1]).0.last == .duplicate)
  }

  @Test("What comes late is reordered, and then not missing")
  func reordering() {
    let (found, missing) = findings([0, 2, 1, 3])
    #expect(found == [.new, .new, .late, .new] && missing == 0)
    #expect(findings([0, 2, 1, 1]).0.last == .duplicate)
    #expect(findings([0] + Array(2..<200) + [1]).0.last == .late)
  }

  @Test("Numbers go on behind their largest")
  func wraps() {
    let mask = Stamp.counterMask
    var track = DeliveryTrack()
    // In steps that are small enough to be seen as steps forward.
    for counter in [mask / 3, mask / 3 * 2, mask - 1, mask, 0, 1] { #expect(track.note(counter) == .new) }
    #expect(track.next == 2)
    #expect(track.note(mask) == .duplicate)
  }
}

@Suite("Stamp")
struct StampTests {
  @Test("What is written is read again, and is printable text")
  func roundTrip() {
    let samples: [(UInt32, UInt32, UInt64)] = [
      (0, 0, 0), (1, 2, 3), (UInt32(Stamp.senderLimit - 1), Stamp.counterMask, 1 << 48 - 1),
      (77, 12_345_678, 987_654_321),
    ]
    for (sender, counter, time) in samples {
      var bytes = [UInt8](repeating: 0, count: Stamp.length)
      bytes.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        Stamp.write(base, sender: sender, counter: counter, time: time)
        #expect(Stamp.origin(base).sender == sender)
        #expect(Stamp.origin(base).counter == counter)
        #expect(Stamp.time(base) == time)
      }
      #expect(bytes.allSatisfy { $0 > 32 && $0 < 127 })
    }
  }
}
