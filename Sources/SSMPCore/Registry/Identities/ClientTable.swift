// The records of one loop's clients.

import Containers

/// The clients of one loop, by slot. A record is blank until its slot's first LOGIN.
///
/// It has a type of its own in this module: optimized, Swift 6.3 leaves out the deinit of a generic type from another module
/// that is the element of a `FixedArray`.
struct ClientTable: ~Copyable {
  private var records = ChunkedArray<Client>(filler: Client())

  /// The number of slots with a record.
  var capacity: Int { records.capacity }

  /// The record of a slot, in place; traps beyond `capacity`.
  subscript(slot: Int) -> Client {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(records.address(slot)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe records.address(slot) }
  }

  /// Grows so that a slot has a record.
  @inline(__always) mutating func ensure(_ slot: Int) { records.ensure(slot) }

  /// True when the records of a chunk of slots have been given back.
  func isBlank(chunk: Int) -> Bool { records.isBlank(chunk: chunk) }

  /// Gives back the memory of a chunk of slots without clients.
  mutating func giveBack(chunk: Int) { records.giveBack(chunk: chunk) }
}
