// Bytes that belong to one connection.

import Glibc

/// A queue of bytes in one block of memory, and no memory at all while it is empty: eight bytes for an idle connection.
///
/// It is a plain value so that it can lie in a table of connections. Invariants: `block` is `nil` or the address of a
/// header with `capacity` bytes behind it, which belong to this value alone, those from `start` to `end` being in the
/// queue; the owner calls `release` before it forgets the value.
public struct OwnedBytes: BitwiseCopyable {
  private struct Header {
    var start: UInt32
    var end: UInt32
    var capacity: UInt32
  }

  private var block: UnsafeMutablePointer<Header>?

  /// An empty queue.
  public init() {
    block = nil
  }

  /// The number of bytes.
  public var count: Int { block.map { Int($0.pointee.end - $0.pointee.start) } ?? 0 }
  /// True when there are none.
  public var isEmpty: Bool { block == nil }
  /// The memory in use.
  public var capacity: Int { block.map { Int($0.pointee.capacity) } ?? 0 }

  /// The bytes, valid until the next change.
  public var bytes: UnsafeRawBufferPointer {
    guard let block else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: content(block) + Int(block.pointee.start), count: count)
  }

  /// Adds bytes at the end.
  public mutating func append(_ source: UnsafeRawBufferPointer) {
    guard let from = source.baseAddress, source.count > 0 else { return }
    let target = room(for: source.count)
    memcpy(content(target) + Int(target.pointee.end), from, source.count)
    target.pointee.end += UInt32(source.count)
  }

  /// Removes the first `count` bytes; the memory is given back with the last one.
  public mutating func removeFirst(_ count: Int) {
    guard let block else { return }
    precondition(count <= self.count)
    block.pointee.start += UInt32(count)
    if block.pointee.start == block.pointee.end { release() }
  }

  /// Removes all bytes and gives the memory back.
  public mutating func release() {
    free(block)
    block = nil
  }

  private func content(_ block: UnsafeMutablePointer<Header>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(block + 1)
  }

  /// Makes room for `extra` bytes behind the end.
  private mutating func room(for extra: Int) -> UnsafeMutablePointer<Header> {
    if let block {
      if Int(block.pointee.end) + extra <= Int(block.pointee.capacity) { return block }
      // Moving to the front pays only when at least half of the block becomes free by it.
      if count + extra <= Int(block.pointee.capacity), block.pointee.start >= block.pointee.capacity / 2 {
        let length = count
        memmove(content(block), content(block) + Int(block.pointee.start), length)
        block.pointee.start = 0
        block.pointee.end = UInt32(length)
        return block
      }
    }
    // Doubled, as far as the header can count.
    let wanted = block.map { Int($0.pointee.end) + extra } ?? extra
    let length = max(wanted, min(capacity * 2, Int(UInt32.max)))
    guard let memory = realloc(block, MemoryLayout<Header>.stride + length) else { fatalError("out of memory") }
    let grown = memory.bindMemory(to: Header.self, capacity: 1)
    if block == nil { grown.initialize(to: Header(start: 0, end: 0, capacity: 0)) }
    grown.pointee.capacity = UInt32(length)
    block = grown
    return grown
  }
}
