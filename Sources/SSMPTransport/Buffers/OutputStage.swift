// What a loop's connections are to be sent.

import Containers
import Glibc

/// The output of one connection that has not been sent: a chain of segments in the stage.
public struct StagedOutput: BitwiseCopyable {
  @usableFromInline var first: UInt32 = .max
  /// The last segment; the top bit is set when the connection is on the list of those that are sent first.
  @usableFromInline var last: UInt32 = .max

  @usableFromInline static var urgent: UInt32 { 1 << 31 }

  /// No output.
  @inlinable public init() {}

  /// True when there is none.
  @inlinable public var isEmpty: Bool { first == .max }
}

/// The stage on which output is put together: ranges of memory that nobody copies until they are sent.
///
/// Ranges that touch become one, so that a connection that gets all messages of a turn has one segment however many there
/// were. Each connection is then flushed by one call: from where the bytes stand when there is one segment, else out of a
/// scratch buffer into which they are gathered. (For segments of a few hundred bytes that is cheaper than `sendmsg`.)
///
/// Connections with output stand in one of two lists: those that are flushed in the same turn, and those that are flushed when
/// there is time, first in, first out. All output of a connection is one chain in any case, so which list it is in decides
/// when it is sent, and never in which order.
///
/// Invariant: the memory behind the segments of a connection is not changed before its output has been released. When
/// `place` has come to what `end` was when a log had been staged, nothing refers to that log any more.
public struct OutputStage: ~Copyable {
  @safe
  @usableFromInline struct Segment: BitwiseCopyable {
    @usableFromInline var address: UnsafeRawPointer
    @usableFromInline var count: UInt32
    @usableFromInline var next: UInt32

    @usableFromInline init(address: UnsafeRawPointer, count: UInt32, next: UInt32) {
      unsafe self.address = unsafe address
      self.count = count
      self.next = next
    }
  }

  @usableFromInline var segments = FlatArray<Segment>()
  /// The first of the segments that are free to be used again.
  @usableFromInline var free: UInt32 = .max
  private var scratch = FlatArray<UInt8>()
  /// The connections that are flushed in this turn.
  @usableFromInline var urgent = FlatArray<UInt32>()
  /// Those that are flushed when there is time: the first `head` of them have been.
  @usableFromInline var others = FlatArray<UInt32>()
  @usableFromInline var head = 0
  /// The connections that have been taken out of `others`.
  private var passed: UInt64 = 0

  /// An empty stage.
  public init() {}

  /// The number of connections to be flushed in this turn. One of them may have been closed meanwhile, or have no output left.
  @inlinable public var urgentCount: Int { urgent.count }

  /// The slot of one of them.
  @inlinable public func urgentSlot(_ index: Int) -> UInt32 { urgent[index] }

  /// Forgets the list of those that were flushed in this turn.
  public mutating func clearUrgent() {
    urgent.removeAll(keepingCapacityUpTo: 1 << 14)
    recycle()
  }

  /// Begins anew when nothing is staged any more; to be called when the last connection has been flushed.
  public mutating func recycle() {
    guard urgent.isEmpty, others.isEmpty else { return }
    segments.removeAll(keepingCapacityUpTo: 1 << 14)
    free = .max
    scratch.removeAll(keepingCapacityUpTo: 1 << 18)
  }

  /// True when connections wait for being flushed when there is time.
  @inlinable public var hasOthers: Bool { head < others.count }
  /// The place in the list of those that is next, counted from the beginning of time.
  public var place: UInt64 { passed + UInt64(head) }
  /// The place behind the last one.
  public var end: UInt64 { passed + UInt64(others.count) }

  /// Takes the next connection that waits for being flushed. It may have been closed meanwhile, or have no output left.
  public mutating func takeOther() -> UInt32? {
    guard head < others.count else { return nil }
    let slot = others[head]
    head += 1
    if head == others.count || head >= 1 << 14 && head >= others.count / 2 {
      // Moved down when that frees half of the memory, so that it is cheap in the long run.
      passed += UInt64(head)
      if head == others.count { others.removeAll(keepingCapacityUpTo: 1 << 14) } else { others.removeFirst(head) }
      head = 0
    }
    return slot
  }

  /// Adds `count` bytes at `address` to the output of `slot`.
  ///
  /// - Parameter isUrgent: true when the connection is to be flushed in this turn.
  @inlinable @inline(__always)
  public mutating func add(
    _ address: UnsafeRawPointer, _ count: Int, to output: inout StagedOutput, of slot: UInt32, isUrgent: Bool = true
  ) {
    if output.isEmpty {
      let number = unsafe segment(address, count)
      output.first = number
      if isUrgent {
        output.last = number | StagedOutput.urgent
        urgent.append(slot)
      } else {
        output.last = number
        others.append(slot)
      }
      return
    }
    if isUrgent, output.last < StagedOutput.urgent { hurry(&output, slot) }
    let last = Int(output.last & ~StagedOutput.urgent)
    if unsafe segments[last].address + Int(segments[last].count) == address {
      segments[last].count += UInt32(truncatingIfNeeded: count)
      return
    }
    let number = unsafe segment(address, count)
    segments[last].next = number
    output.last = number | output.last & StagedOutput.urgent
  }

  /// Has the connection's output flushed in this turn.
  @inlinable
  public mutating func hurry(_ output: inout StagedOutput, _ slot: UInt32) {
    guard !output.isEmpty, output.last & StagedOutput.urgent == 0 else { return }
    output.last |= StagedOutput.urgent
    urgent.append(slot)
  }

  @inlinable @inline(__always)
  mutating func segment(_ address: UnsafeRawPointer, _ count: Int) -> UInt32 {
    let new = unsafe Segment(address: address, count: UInt32(truncatingIfNeeded: count), next: .max)
    if free != .max {
      let number = free
      free = segments[Int(number)].next
      segments[Int(number)] = new
      return number
    }
    segments.append(new)
    return UInt32(truncatingIfNeeded: segments.count - 1)
  }

  /// The bytes of `output` in one piece, valid until the next call.
  public mutating func gather(_ output: StagedOutput) -> UnsafeRawBufferPointer {
    guard !output.isEmpty else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    let first = segments[Int(output.first)]
    if first.next == .max { return unsafe UnsafeRawBufferPointer(start: first.address, count: Int(first.count)) }
    scratch.removeAll()
    var number = output.first
    while number != .max {
      let segment = segments[Int(number)]
      unsafe memcpy(scratch.reserve(Int(segment.count)), segment.address, Int(segment.count))
      unsafe scratch.commit(Int(segment.count))
      number = segment.next
    }
    return unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
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

  /// Forgets the output of a connection, which has been sent, copied, or is not wanted any more.
  @inlinable @inline(__always)
  public mutating func release(_ output: inout StagedOutput) {
    // Where nothing can stay behind, all segments are given back together.
    if !others.isEmpty, !output.isEmpty { giveBack(output) }
    output = StagedOutput()
  }

  @usableFromInline mutating func giveBack(_ output: StagedOutput) {
    segments[Int(output.last & ~StagedOutput.urgent)].next = free
    free = output.first
  }
}
