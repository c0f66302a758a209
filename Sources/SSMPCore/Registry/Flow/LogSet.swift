// The logs of all loops.

import Containers

/// The logs in which the registry tells each loop what to deliver, and which of them have no room for more.
struct LogSet: ~Copyable {
  private var logs: FixedArray<DeliveryLog>
  /// How often each loop has taken its log: the present log's number.
  private(set) var takes: FixedArray<UInt32>
  /// The loops with full logs. Bit n stands for loop n, here and in all sets that follow.
  private(set) var full: UInt64 = 0
  /// The loops with crowded logs.
  private(set) var crowded: UInt64 = 0
  /// The loops that still send what an earlier log had for many recipients.
  private(set) var busy: UInt64 = 0
  /// The loops with a log in which one client has as many bytes of its own as it may have.
  var loaded: UInt64 = 0
  /// The loops that have to be told that their log is no longer empty.
  private var wakes: UInt64 = 0
  /// The loop that makes the present step of the registry. It needs no signal, because it looks at
  /// its log after each turn.
  var actingLoop = 0
  /// The loops that have recipients of the event in the making.
  var addressed: UInt64 = 0

  init(loops: Int) {
    logs = FixedArray(count: loops) { _ in DeliveryLog() }
    takes = FixedArray(count: loops) { _ in 0 }
  }

  /// The log of a loop, in place.
  subscript(loop: Int) -> DeliveryLog {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(logs.address(loop)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe logs.address(loop) }
  }

  /// The loops that may delay a request, because of their log or of an earlier log that they still
  /// send.
  @inline(__always) var obstructing: UInt64 { full | crowded | loaded | busy }

  /// True when a loop has so much to deliver that it had better be done before more is added.
  var hasFull: Bool { full | crowded | busy != 0 }

  /// Exchanges the log of a loop for an empty one. Returns the senders that waited for that.
  mutating func take(_ loop: Int, _ log: inout DeliveryLog, isBusy: Bool) -> [ClientID] {
    let bit: UInt64 = 1 << UInt64(loop)
    let waiting = logs[loop].waiters
    logs[loop].waiters = []
    logs[loop].signal.taken()
    swap(&logs[loop], &log)
    takes[loop] &+= 1
    full &= ~bit
    loaded &= ~bit
    crowded &= ~bit
    busy = isBusy ? busy | bit : busy & ~bit
    return waiting
  }

  /// The loops that have to be woken because another one has put something into their empty logs.
  mutating func takeWakes() -> UInt64 {
    defer { wakes = 0 }
    return wakes
  }

  /// True when a log has become so large that it had better be taken before more requests are read.
  @inline(__always) func isLarge(_ loop: Int, _ limits: borrowing RegistryLimits) -> Bool {
    logs[loop].isLarge(limits) || loaded >> UInt64(loop) & 1 != 0
  }

  /// To be called after each addition to a loop's log.
  @inline(__always) mutating func touch(_ loop: Int, _ limits: borrowing RegistryLimits) {
    if logs[loop].signal.added(byOwner: loop == actingLoop) { wakes |= 1 << UInt64(loop) }
    if logs[loop].isFull(limits) { full |= 1 << UInt64(loop) }
  }

  /// To be called after something for several recipients was added.
  @inline(__always) mutating func touchCrowd(_ loop: Int, _ limits: borrowing RegistryLimits) {
    if logs[loop].isCrowded(limits) { crowded |= 1 << UInt64(loop) }
  }
}
