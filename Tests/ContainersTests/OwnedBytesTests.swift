// Bytes that belong to one connection.

import Containers
import FuzzHarness
import Testing

@Suite("Owned bytes")
struct OwnedBytesTests {
  private func append(_ bytes: [UInt8], to queue: inout OwnedBytes) {
    bytes.withUnsafeBytes { queue.append($0) }
  }

  @Test("An empty queue has no memory, and gives back what it had with its last byte")
  func empty() {
    var queue = OwnedBytes()
    #expect(queue.isEmpty && queue.count == 0 && queue.capacity == 0)
    #expect(queue.bytes.count == 0)
    append([], to: &queue)
    #expect(queue.isEmpty && queue.capacity == 0)
    queue.removeFirst(0)
    append([1, 2, 3], to: &queue)
    #expect(queue.capacity >= 3)
    queue.removeFirst(2)
    #expect(Array(queue.bytes) == [3])
    queue.removeFirst(1)
    #expect(queue.isEmpty && queue.capacity == 0)
  }

  @Test("Releasing gives everything back, and the queue can be used again")
  func release() {
    var queue = OwnedBytes()
    queue.release()
    append([1, 2, 3], to: &queue)
    queue.release()
    #expect(queue.isEmpty && queue.count == 0 && queue.capacity == 0)
    append([4], to: &queue)
    #expect(Array(queue.bytes) == [4])
    queue.release()
  }

  @Test("Its size is that of one address, since every connection has two")
  func size() {
    #expect(MemoryLayout<OwnedBytes>.size == MemoryLayout<UnsafeRawPointer>.size)
  }

  @Test("Random operations leave the bytes that an array has", arguments: 1...5)
  func model(seed: UInt64) {
    var random = Chance(seed: seed)
    var queue = OwnedBytes()
    var model: [UInt8] = []
    var next: UInt8 = 0
    // The most bytes since the queue was last empty: what decides about its memory.
    var peak = 0
    for _ in 0..<5000 {
      if Int.random(in: 0..<100, using: &random) == 0 {
        queue.release()
        model = []
      } else if Bool.random(using: &random) {
        let count = Int.random(in: 0...200, using: &random)
        let bytes = (0..<count).map { _ in
          next &+= 1
          return next
        }
        append(bytes, to: &queue)
        model += bytes
      } else {
        let count = Int.random(in: 0...min(220, model.count), using: &random)
        queue.removeFirst(count)
        model.removeFirst(count)
      }
      #expect(queue.count == model.count)
      #expect(queue.isEmpty == model.isEmpty)
      peak = model.isEmpty ? 0 : max(peak, model.count)
      #expect(queue.capacity >= queue.count && queue.capacity <= 4 * peak)
      #expect(queue.bytes.elementsEqual(model))
    }
    queue.release()
  }

  @Test("A queue that is filled and emptied at the same pace does not grow")
  func steady() {
    var queue = OwnedBytes()
    append([UInt8](repeating: 0, count: 1000), to: &queue)
    for _ in 0..<10_000 {
      append([UInt8](repeating: 1, count: 100), to: &queue)
      queue.removeFirst(100)
    }
    #expect(queue.count == 1000)
    #expect(queue.capacity <= 8000)
    queue.release()
  }
}
