// What a loop knows of its connections and senders.

import Containers
import SSMPTransport

/// A connection.
struct Peer: BitwiseCopyable {
  enum State: UInt8 {
    case closed, connecting, handshaking, loggingIn, subscribing, ready, closing
  }

  var descriptor: Int32 = -1
  var state = State.closed
  /// Responses that are to come before it is ready.
  var awaited: UInt16 = 0
  /// Its place among the loop's senders, or -1.
  var sender: Int32 = -1
  /// What was read of a message that is not complete.
  var kept = OwnedBytes()
  /// What the kernel has not taken yet.
  var backlog = OwnedBytes()
  var tls: TLSStream?
  /// When it was to be made.
  var began: UInt64 = 0

  init() {}
}

/// One who sends.
struct Sender: BitwiseCopyable {
  /// Its number among all senders.
  let number: UInt32
  /// Its connection among those of its loop.
  let slot: UInt32
  /// The deliveries that may be on the way.
  let deliveryWindow: UInt64
  /// Requests sent and answered.
  var requests: UInt64 = 0
  var answers: UInt64 = 0
  /// Deliveries that its messages are to come to.
  var expected: UInt64 = 0
  /// The numbers of its next multicast and broadcast.
  var multicasts: UInt32 = 0
  var broadcasts: UInt32 = 0
  /// It is among the candidates for sending.
  var isCandidate = false
  /// In `mixed`: it has subscribed to one more topic.
  var hasSubscribed = false

  init(number: UInt32, slot: UInt32, deliveryWindow: UInt64) {
    self.number = number
    self.slot = slot
    self.deliveryWindow = deliveryWindow
  }
}

/// What a loop has counted.
struct WorkerCounts: BitwiseCopyable, Sendable {
  /// Connections that are ready.
  var ready: UInt64 = 0
  /// Messages sent; in `presence` changes, in `connect` connections begun.
  var sent: UInt64 = 0
  /// Requests of senders, and answers to them.
  var requests: UInt64 = 0
  var answers: UInt64 = 0
  /// Deliveries that have to come, and those that came, each counted once.
  var expected: UInt64 = 0
  var delivered: UInt64 = 0
  /// Events that came; in `connect` connections that were closed in order.
  var events: UInt64 = 0
  /// TLS sessions that were resumed.
  var resumed: UInt64 = 0
  /// What must not be.
  var duplicates: UInt64 = 0
  var reordered: UInt64 = 0
  var strange: UInt64 = 0
  var refused: UInt64 = 0

  init() {}
}
