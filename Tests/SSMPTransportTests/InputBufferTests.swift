// The buffer into which a loop reads.

import Containers
import Testing

@testable import SSMPTransport

@Suite("Input buffer")
struct InputBufferTests {
  private func kept(_ bytes: [UInt8]) -> OwnedBytes {
    var kept = OwnedBytes()
    bytes.withUnsafeBytes { kept.append($0) }
    return kept
  }

  @Test("What was left over is put in front of what is read, and is given back")
  func leftOver() throws {
    let pair = try SocketPair()
    var buffer = InputBuffer()
    var rest = kept([1, 2])
    buffer.load(&rest)
    #expect(rest.isEmpty && rest.capacity == 0)
    pair.sendFromOther([3, 4, 5])
    #expect(buffer.receive(pair.one) == .bytes(3))
    #expect(Array(buffer.bytes) == [1, 2, 3, 4, 5])
  }

  @Test("A read that brings nothing leaves what was left over")
  func nothingRead() throws {
    let pair = try SocketPair()
    var buffer = InputBuffer()
    var rest = kept([1, 2])
    buffer.load(&rest)
    #expect(buffer.receive(pair.one) == .wouldBlock)
    #expect(Array(buffer.bytes) == [1, 2])
    pair.closeOther()
    #expect(buffer.receive(pair.one) == .ended)
    #expect(Array(buffer.bytes) == [1, 2])
  }

  @Test("Loading replaces what the connection before had in the buffer")
  func replaces() {
    var buffer = InputBuffer()
    var first = kept([1, 2, 3])
    var second = kept([9])
    var none = OwnedBytes()
    buffer.load(&first)
    buffer.load(&second)
    #expect(Array(buffer.bytes) == [9])
    buffer.load(&none)
    #expect(buffer.bytes.count == 0)
  }

  @Test("One read takes 64 KiB at most, with room for as much and more in front of it")
  func fullReads() throws {
    let pair = try SocketPair()
    var buffer = InputBuffer()
    var rest = kept([UInt8](repeating: 1, count: 2 * InputBuffer.readSize))
    buffer.load(&rest)
    pair.sendFromOther([UInt8](repeating: 2, count: InputBuffer.readSize + 10))
    #expect(buffer.receive(pair.one) == .bytes(InputBuffer.readSize))
    #expect(buffer.bytes.count == 3 * InputBuffer.readSize)
    #expect(buffer.bytes.last == 2 && buffer.bytes.first == 1)
    #expect(Socket.discard(pair.one, upTo: 100) == .bytes(10))
  }
}
