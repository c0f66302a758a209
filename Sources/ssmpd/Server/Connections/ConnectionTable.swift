// The connections of one loop.

import Containers

/// The records of a loop's connections, each in a slot.
///
/// A slot is not another connection's before nothing refers to it any more. The registry puts slots into the loop's log, so the
/// slot of a closed connection is free when the loop has taken two more logs: the one that was being filled when the connection
/// closed, and the next one, by which the one before has been staged.
///
/// Events of the kernel and lists of the loop's own can be older than a slot's present connection. They hold tokens: a slot
/// together with the connection's generation.
struct ConnectionTable: ~Copyable {
  private var records = Slab<Connection>(filler: Connection())
  private var lastGeneration: UInt32 = 0
  /// Closed slots: those that the next log may still refer to, and those that only the present one may.
  private var closed = FlatArray<UInt32>()
  private var closedBefore = FlatArray<UInt32>()

  /// The record in a slot, in place.
  subscript(slot: UInt32) -> Connection {
    @inline(__always) unsafeAddress { UnsafePointer(records.address(slot)) }
    @inline(__always) mutating unsafeMutableAddress { records.address(slot) }
  }

  /// The number of connections, those included that are closed and keep their slots for a while.
  var count: Int { records.count }

  /// All slots that there may be connections in.
  var slots: Range<UInt32> { 0..<UInt32(records.numbersGiven) }

  /// Gives a connection a slot and a generation.
  mutating func insert(_ connection: Connection) -> UInt32 {
    lastGeneration &+= 1
    var connection = connection
    connection.generation = lastGeneration
    return records.insert(connection)
  }

  /// What tells a connection from others that had its slot, and will have it.
  func token(of slot: UInt32) -> UInt64 { UInt64(self[slot].generation) << 32 | UInt64(slot) }

  /// The slot of the connection with this token; `nil` if the slot is another's by now.
  @inline(__always) func slot(of token: UInt64) -> UInt32? {
    let slot = UInt32(truncatingIfNeeded: token)
    return self[slot].generation == UInt32(token >> 32) ? slot : nil
  }

  /// A connection has been closed: its slot is free after two more logs.
  mutating func retire(_ slot: UInt32) {
    self[slot].state = .closed
    closed.append(slot)
  }

  /// Frees the slot of a connection that no log can refer to.
  mutating func remove(_ slot: UInt32) {
    self[slot].state = .closed
    records.remove(slot)
  }

  /// True when slots wait for the next log.
  var waitsForLog: Bool { !closed.isEmpty }

  /// A log is about to be taken, and the one before has been staged: the slots that only that one could refer to are free.
  mutating func noteLog() {
    for number in 0..<closedBefore.count { records.remove(closedBefore[number]) }
    closedBefore.removeAll(keepingCapacityUpTo: 1 << 14)
    swap(&closed, &closedBefore)
  }

  /// True when much memory is for connections that have gone.
  mutating func hasSlack() -> Bool { records.hasSlack() }

  /// Gives back the memory of chunks in which there is no connection, and tells of each of them.
  mutating func giveBack(_ body: (_ chunk: Int) -> Void) {
    records.giveBack()
    for chunk in 0..<records.chunkCount where records.isBlank(chunk: chunk) { body(chunk) }
  }
}
