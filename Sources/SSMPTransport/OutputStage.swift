// What a loop's connections are to be sent at the end of a slice of work.

import Glibc
import SSMPCore

/// The output of one connection in the current slice: a chain of segments in the stage.
public struct StagedOutput: BitwiseCopyable {
  @usableFromInline var first: UInt32 = .max
  @usableFromInline var last: UInt32 = .max

  /// No output.
  @inlinable public init() {}

  /// True when there is none.
  @inlinable public var isEmpty: Bool { first == .max }
}

/// The stage on which output is put together: ranges of memory that nobody copies until they are sent.
///
/// Ranges that touch become one, so that whoever gets all messages of a turn has one segment however many there were. Each
/// connection is then flushed by one call: from where the bytes stand when there is one segment, else out of a scratch
/// buffer into which they are gathered. (For segments of a few hundred bytes that is cheaper than `sendmsg`.)
///
/// Invariant: the memory behind the segments is not changed before `reset`.
public struct OutputStage: ~Copyable {
  @usableFromInline struct Segment: BitwiseCopyable {
    @usableFromInline var address: UnsafeRawPointer
    @usableFromInline var count: UInt32
    @usableFromInline var next: UInt32

    @usableFromInline init(address: UnsafeRawPointer, count: UInt32, next: UInt32) {
      self.address = address
      self.count = count
      self.next = next
    }
  }

  @usableFromInline var segments = FlatArray<Segment>()
  private var scratch = FlatArray<UInt8>()
  @usableFromInline var slots = FlatArray<UInt32>()

  /// An empty stage.
  public init() {}

  /// The number of slots that have output.
  @inlinable public var slotCount: Int { slots.count }

  /// One of the slots that have output, each of which is there once.
  @inlinable public func slot(_ index: Int) -> UInt32 { slots[index] }

  /// Adds `count` bytes at `address` to the output of `slot`.
  @inlinable @inline(__always)
  public mutating func add(_ address: UnsafeRawPointer, _ count: Int, to output: inout StagedOutput, of slot: UInt32) {
    if output.isEmpty {
      slots.append(slot)
      output.first = UInt32(truncatingIfNeeded: segments.count)
      output.last = output.first
    } else {
      let last = Int(output.last)
      if segments[last].address + Int(segments[last].count) == address {
        segments[last].count += UInt32(truncatingIfNeeded: count)
        return
      }
      segments[last].next = UInt32(truncatingIfNeeded: segments.count)
      output.last = segments[last].next
    }
    segments.append(Segment(address: address, count: UInt32(truncatingIfNeeded: count), next: .max))
  }

  /// The bytes of `output` in one piece, valid until the next call.
  public mutating func gather(_ output: StagedOutput) -> UnsafeRawBufferPointer {
    guard !output.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let first = segments[Int(output.first)]
    if first.next == .max { return UnsafeRawBufferPointer(start: first.address, count: Int(first.count)) }
    scratch.removeAll()
    var number = output.first
    while number != .max {
      let segment = segments[Int(number)]
      memcpy(scratch.reserve(Int(segment.count)), segment.address, Int(segment.count))
      scratch.commit(Int(segment.count))
      number = segment.next
    }
    return UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
  }

  /// The number of bytes of `output`.
  public func byteCount(_ output: StagedOutput) -> Int {
    var sum = 0
    var number = output.first
    while number != .max {
      sum += Int(segments[Int(number)].count)
      number = segments[Int(number)].next
    }
    return sum
  }

  /// Forgets all output, once it has been sent or copied.
  public mutating func reset() {
    segments.removeAll(keepingCapacityUpTo: 1 << 14)
    slots.removeAll(keepingCapacityUpTo: 1 << 14)
    scratch.removeAll(keepingCapacityUpTo: 1 << 18)
  }
}
