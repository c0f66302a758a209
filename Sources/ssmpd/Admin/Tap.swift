// A live copy of what one connection says and is told.

import SSMPCore
import SSMPTransport

/// Where a loop puts the messages of a connection that is tapped, and the thread of an operator takes them.
///
/// What does not fit because the operator reads slowly is dropped and counted.
final class Tap: Sendable {
  enum Direction: UInt8, Sendable {
    case input, output
  }

  /// A message, as ranges of the bytes of its batch.
  struct Record: Sendable {
    let direction: Direction
    /// What stands before the payload.
    let head: Range<Int>
    /// The payload, when it is shown.
    let payload: Range<Int>
    /// The length of the payload, shown or not; for an unknown verb that of all that follows it.
    let payloadLength: Int
    /// True for LOGIN: its credential is not copied.
    let isLogin: Bool
    /// What is wrong with it, where it breaks the grammar.
    let fault: RequestFault?
  }

  /// What has come since the last look.
  struct Batch: Sendable {
    var records: [Record] = []
    var bytes: [UInt8] = []
    /// The messages that did not fit, after `records`.
    var dropped = 0
    /// Why the connection has ended, if it has.
    var end: String?

    var isEmpty: Bool { records.isEmpty && dropped == 0 && end == nil }
  }

  /// The bytes that wait for the operator at most, records included.
  static let limit = 256 << 10

  let showsPayload: Bool
  /// Signaled when there is something.
  let wakeup: Wakeup
  private let state = Locked(Batch())

  init(showsPayload: Bool) throws(SystemError) {
    self.showsPayload = showsPayload
    wakeup = try Wakeup()
  }

  /// Nobody looks any more, and no loop has this.
  deinit {
    Socket.close(wakeup.descriptor)
  }

  /// Adds a message. `head` and `payload` are ranges of `source`.
  func add(
    _ direction: Direction, _ source: UnsafeRawBufferPointer, head: Range<Int>, payload: Range<Int>,
    payloadLength: Int, isLogin: Bool = false, fault: RequestFault? = nil
  ) {
    let shown = showsPayload && !isLogin ? payload : payload.lowerBound..<payload.lowerBound
    change { batch in
      let size = batch.bytes.count + batch.records.count * MemoryLayout<Record>.stride + head.count + shown.count
      // Once something is missing, nothing follows before the operator has been told.
      guard batch.dropped == 0, size <= Self.limit else {
        batch.dropped += 1
        return
      }
      let start = batch.bytes.count
      batch.bytes.append(contentsOf: source[head])
      let middle = batch.bytes.count
      batch.bytes.append(contentsOf: source[shown])
      batch.records.append(
        Record(
          direction: direction, head: start..<middle, payload: middle..<batch.bytes.count,
          payloadLength: payloadLength, isLogin: isLogin, fault: fault))
    }
  }

  /// The connection is over.
  func end(_ reason: String) {
    change { if $0.end == nil { $0.end = reason } }
  }

  /// Takes what has come.
  func take() -> Batch {
    wakeup.clear()
    return state.withLock { batch in
      defer { batch = Batch() }
      return batch
    }
  }

  private func change(_ body: (inout sending Batch) -> Void) {
    let isFirst = state.withLock { batch in
      let wasEmpty = batch.isEmpty
      body(&batch)
      return wasEmpty
    }
    if isFirst { wakeup.signal() }
  }
}
