// The store of names.

import Testing

@testable import SSMPCore

@Suite("NameTable")
struct NameTableTests {
  @Test("Names of 1 to 64 bytes are kept, matched exactly, and their space is reused")
  func sizes() {
    var table = NameTable()
    let long = Array((0..<64).map { UInt8(33 + $0) })
    for _ in 0..<3 {
      let names = (1...64).map { table.insert(long.span.bytes, 0..<$0) }
      for length in 1...64 {
        let name = names[length - 1]
        let (bytes, same) = (table.bytes(of: name), table.matches(name, long.span.bytes, 0..<length))
        #expect(bytes == Array(long.prefix(length)))
        #expect(same)
        let shorter = length > 1 && table.matches(name, long.span.bytes, 0..<length - 1)
        #expect(!shorter)
        var other = long
        other[length - 1] = 200
        let different = table.matches(name, other.span.bytes, 0..<length)
        #expect(!different)
      }
      let full = table.count
      #expect(full == 64)
      for name in names { table.remove(name) }
      let left = table.count
      #expect(left == 0)
    }
  }
}
