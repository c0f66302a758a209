// Bytes that belong to one connection.

import Glibc

/// A queue of bytes in one block of memory, and no memory at all while it is empty: eight bytes for an idle connection.
///
/// It is a plain value so that it can lie in a table of connections. Invariants: `block` is `nil` or the address of a
/// header with `capacity` bytes behind it, which belong to this value alone, those from `start` to `end` being in the
/// queue; the owner calls `release` before it forgets the value.
@safe
public struct OwnedBytes: BitwiseCopyable {
  private struct Header {
    var start: UInt32
    var end: UInt32
    var capacity: UInt32
  }

  private var block: UnsafeMutablePointer<Header>?

  /// An empty queue.
  public init() {
    unsafe block = nil
  }

  /// The number of bytes.
  public var count: Int { unsafe block.map { unsafe Int($0.pointee.end - $0.pointee.start) } ?? 0 }
  /// True when there are none.
  public var isEmpty: Bool { unsafe block == nil }
  /// The memory in use.
  public var capacity: Int { unsafe block.map { unsafe Int($0.pointee.capacity) } ?? 0 }

  /// The bytes, valid until the next change.
  public var bytes: UnsafeRawBufferPointer {
    guard let block = unsafe block else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeRawBufferPointer(start: content(block) + Int(block.pointee.start), count: count)
  }

  /// Adds bytes at the end.
  public mutating func append(_ source: UnsafeRawBufferPointer) {
    guard let from = source.baseAddress, source.count > 0 else { return }
    let target = unsafe room(for: source.count)
    unsafe memcpy(content(target) + Int(target.pointee.end), from, source.count)
    unsafe target.pointee.end += UInt32(source.count)
  }

  /// Removes the first `count` bytes; the memory is given back with the last one.
  public mutating func removeFirst(_ count: Int) {
    guard let block = unsafe block else { return }
    precondition(count <= self.count)
    unsafe block.pointee.start += UInt32(count)
    if unsafe block.pointee.start == block.pointee.end { release() }
  }

  /// Removes all bytes and gives the memory back.
  public mutating func release() {
    unsafe free(block)
    unsafe block = nil
  }

  private func content(_ block: UnsafeMutablePointer<Header>) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(block + 1)
  }

  /// Makes room for `extra` bytes behind the end.
  private mutating func room(for extra: Int) -> UnsafeMutablePointer<Header> {
    if let block = unsafe block {
      if unsafe Int(block.pointee.end) + extra <= Int(block.pointee.capacity) { return unsafe block }
      // Moving to the front pays only when at least half of the block becomes free by it.
      if unsafe count + extra <= Int(block.pointee.capacity), unsafe block.pointee.start >= block.pointee.capacity / 2 {
        let length = count
        unsafe memmove(content(block), content(block) + Int(block.pointee.start), length)
        unsafe block.pointee.start = 0
        unsafe block.pointee.end = UInt32(length)
        return unsafe block
      }
    }
    // Doubled, as far as the header can count.
    let wanted = unsafe block.map { unsafe Int($0.pointee.end) + extra } ?? extra
    let length = max(wanted, min(capacity * 2, Int(UInt32.max)))
    guard let memory = unsafe realloc(block, MemoryLayout<Header>.stride + length) else { outOfMemory() }
    let grown = unsafe memory.bindMemory(to: Header.self, capacity: 1)
    if unsafe block == nil { unsafe grown.initialize(to: Header(start: 0, end: 0, capacity: 0)) }
    unsafe grown.pointee.capacity = UInt32(length)
    unsafe block = unsafe grown
    return unsafe grown
  }
}
