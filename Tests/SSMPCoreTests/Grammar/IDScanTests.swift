// Where identifiers end.

import Testing

@testable import SSMPCore

@Suite("IDScan")
struct IDScanTests {
  /// The number of ID characters at the start, one byte after the other.
  private func reference(_ bytes: [UInt8], from index: Int) -> Int {
    bytes[index...].prefix {
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:@/_-+=~".utf8.contains($0)
    }.count
  }

  @Test("Every byte ends an identifier, or does not, at every place among others (Grammar: ID)")
  func everyByteEverywhere() {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<24 {
        var bytes = Array("abcdefghijklmnopqrstuvwx".utf8)
        bytes[place] = byte
        #expect(IDScan.length(bytes.span.bytes, at: 0) == reference(bytes, from: 0), "byte \(byte) at \(place)")
      }
    }
  }

  @Test("Random bytes, lengths and starts give what looking at each byte gives")
  func random() {
    var chance = SystemRandomNumberGenerator()
    let likely = Array("aZ09.:@/_-+=~ \n`[{^,".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...64, using: &chance)
      let bytes = (0..<count).map { _ in
        UInt8.random(in: 0...9, using: &chance) == 0
          ? UInt8.random(in: 0...255, using: &chance) : likely[Int.random(in: 0..<13, using: &chance)]
      }
      let start = Int.random(in: 0...count, using: &chance)
      #expect(IDScan.length(bytes.span.bytes, at: start) == reference(bytes, from: start), "\(bytes) from \(start)")
    }
  }

  @Test("An identifier of 64 bytes is exact, and a longer one is longer, whatever follows", arguments: 60...80)
  func long(_ count: Int) {
    for rest in ["", " ", " more and more"] {
      let bytes = Array((String(repeating: "x", count: count) + rest).utf8)
      let length = IDScan.length(bytes.span.bytes, at: 0)
      #expect(count <= Bounds.id ? length == count : length > Bounds.id && length <= count)
    }
  }
}
