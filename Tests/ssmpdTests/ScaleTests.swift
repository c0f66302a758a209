// What the measurement of scale assumes of the daemon.

import Testing

@testable import ssmp_million
@testable import ssmpd

@Suite("Scale")
struct ScaleTests {
  @Test("The record that the measurement of scale keeps for a connection is as large as the daemon's")
  func recordSize() {
    #expect(MemoryLayout<ConnectionRecord>.stride == MemoryLayout<Connection>.stride)
    #expect(MemoryLayout<ConnectionRecord>.size == MemoryLayout<Connection>.size)
  }

  @Test("The record of a connection stays small: all tables together are to stay below 400 bytes for each")
  func recordBound() {
    #expect(MemoryLayout<Connection>.stride <= 104)
  }

}
