// The logs that a loop has taken and that something still refers to.

import SSMPCore

/// A few delivery logs in a ring: the newest one, and earlier ones with bytes that have not been
/// sent to all recipients.
///
/// Invariant: the logs from `first` on, `count` of them, are kept, in the order in which they were taken, each with the
/// place in the stage's list at which nothing refers to it any more; all others are empty, and the next of them is `newest`.
struct LiveLogs: ~Copyable {
  private typealias Ends = InlineArray<4, UInt64>
  private static var capacity: Int { Ends.count }

  private let logs: UnsafeMutablePointer<DeliveryLog>
  private var ends = Ends(repeating: 0)
  private var first = 0
  private var count = 0

  init() {
    logs = .allocate(capacity: Self.capacity)
    for index in 0..<Self.capacity { (logs + index).initialize(to: DeliveryLog()) }
  }

  deinit {
    logs.deinitialize(count: Self.capacity)
    logs.deallocate()
  }

  /// True when there is no other log for `newest` if it has to be kept.
  var isFull: Bool { count == Self.capacity - 1 }

  /// The log that was taken last, or is about to be.
  var newest: DeliveryLog {
    @inline(__always) unsafeAddress { UnsafePointer(logs + (first + count) % Self.capacity) }
    @inline(__always) mutating unsafeMutableAddress { logs + (first + count) % Self.capacity }
  }

  /// Keeps the newest log until the stage's list has come to `end`.
  mutating func keepNewest(until end: UInt64) {
    precondition(!isFull)
    ends[(first + count) % Self.capacity] = end
    count += 1
  }

  /// Empties the logs that nothing refers to any more, now that the stage's list has come to `place`.
  mutating func retire(before place: UInt64) {
    while count > 0, ends[first] <= place {
      logs[first].removeAll()
      first = (first + 1) % Self.capacity
      count -= 1
    }
  }
}
