// The clients of all loops, and the identities that they have.

import Containers

/// The records of the clients that are or were logged in, by loop and slot; and which of them has an identity.
struct Clients: ~Copyable {
  private var tables: FixedArray<ClientTable>
  /// Clients by the hash of their identities; anonymous ones are not among them.
  var identities = HashIndex()
  /// The number of clients that are logged in.
  var active = 0
  /// The number of anonymous ones among them.
  var anonymous = 0
  /// The most clients that may be logged in.
  var most = Int.max

  init(loops: Int) {
    tables = FixedArray(count: loops) { _ in ClientTable() }
  }

  /// The clients of one loop.
  subscript(loop: Int) -> ClientTable {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(tables.address(loop)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe tables.address(loop) }
  }
}
