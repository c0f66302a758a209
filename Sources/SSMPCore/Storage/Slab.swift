// Records with stable numbers.

/// A store of plain records, each under a number that stays its own until it is removed.
///
/// Numbers are reused, the last freed first, so that a store that shrank and grew again touches no new memory.
@safe
public struct Slab<Record: BitwiseCopyable>: ~Copyable {
  @usableFromInline var records: ChunkedArray<Record>
  @usableFromInline var free = FlatArray<UInt32>()
  @usableFromInline var used = 0

  /// Creates an empty store; `filler` is what unused records hold.
  public init(filler: Record) {
    records = ChunkedArray(filler: filler)
  }

  /// The number of records in the store.
  @inlinable public var count: Int { used - free.count }

  /// One more than the highest number that was ever given.
  @inlinable public var numbersGiven: Int { used }

  /// The record with this number, in place.
  @inlinable public subscript(number: UInt32) -> Record {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(records.address(Int(number))) }
    @inline(__always) mutating unsafeMutableAddress { unsafe records.address(Int(number)) }
  }

  /// Stores a record and returns its number; O(1).
  @inlinable public mutating func insert(_ record: Record) -> UInt32 {
    let number: UInt32
    if let freed = free.popLast() {
      number = freed
    } else {
      number = UInt32(truncatingIfNeeded: used)
      used += 1
      records.ensure(Int(number))
    }
    records[Int(number)] = record
    return number
  }

  /// Frees a number; O(1).
  @inlinable public mutating func remove(_ number: UInt32) {
    free.append(number)
  }
}
