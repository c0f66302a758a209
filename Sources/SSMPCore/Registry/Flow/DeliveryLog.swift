// What one event loop has to deliver, in order.

import Containers

/// One entry of a loop's log.
public struct Delivery: BitwiseCopyable, Sendable {
  /// What the loop is to do.
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// Send bytes of the events to the recipients.
    case events
    /// Send bytes of the replies to the one recipient.
    case replies
    /// Close the recipient after what was delivered to it so far.
    case close
    /// The recipient is a held sender, and resumes. This is a hint: since the entry was added, the
    /// sender may have left, and another connection may have its slot. The loop ignores the entry
    /// if no connection has the slot, or if the connection that has it is not held.
    case resume
    /// The recipient's initial batch of presence has more, to be asked for when its output has drained.
    case roster
  }

  /// What the loop is to do.
  public let kind: Kind
  /// Why, for `close`.
  public let reason: CloseReason
  /// The recipient's slot; for several recipients the place of the first in the log's list.
  @usableFromInline let first: UInt32
  /// The number of recipients.
  public internal(set) var count: UInt32
  @usableFromInline var offset: UInt32
  /// The number of bytes.
  public internal(set) var length: UInt32
}

/// The sequence of everything that happens to one loop's connections.
///
/// The registry appends to it, in the order of its decisions; the loop takes the whole log over and works it off. That one
/// sequence is what keeps the order that the specification demands, whichever loop a message came from. Each event stands
/// in the log once, whatever the number of its recipients, and is sent from here: `bytes` is the arena of the turn.
public struct DeliveryLog: ~Copyable {
  @usableFromInline private(set) var bytes = FlatArray<UInt8>()
  @usableFromInline private(set) var replies = FlatArray<UInt8>()
  @usableFromInline private(set) var entries = FlatArray<Delivery>()
  @usableFromInline var recipients = FlatArray<UInt32>()
  /// The entry of `replies` that grows as long as nothing else is addressed to its recipient.
  private var openReplies: Int?
  /// The entry of the last event, while another message for the same recipients may be added to it.
  private(set) var openEvents = 0
  private var firstRecipient = 0
  /// Whether the loop has been told that there is something to take.
  var signal = WakeSignal()
  /// The clients that are held back until the loop takes this log.
  var waiters: [ClientID] = []
  /// Bytes times recipients of events with several recipients: what working this log off will hand to the kernel for them.
  private var volume = 0
  /// The bytes of events with several recipients.
  private var fanOutBytes = 0
  /// The entries that let somebody go on.
  private var resumes = 0
  /// How often in a row most of the memory was not needed.
  private var quietTurns = 0

  /// A log with nothing in it.
  public init() {}

  /// The number of entries.
  @inlinable public var count: Int { entries.count }
  /// The entry at `index`.
  @inlinable public subscript(index: Int) -> Delivery { entries[index] }
  /// The bytes of memory in use, each event counted once.
  @inline(__always) public var size: Int {
    bytes.count + replies.count + entries.count * MemoryLayout<Delivery>.stride + recipients.count * 4
  }

  /// True when the log must be worked off before more messages are added to it.
  ///
  /// What lets senders go on does not count: there is one such entry for each sender at most, and if many of them made the
  /// log full, they would be held back again before they were served.
  @inline(__always) func isFull(_ limits: RegistryLimits) -> Bool {
    size - resumes * MemoryLayout<Delivery>.stride >= limits.logBytes
  }

  /// True when the log must be worked off before more for several recipients is added to it.
  @inline(__always) func isCrowded(_ limits: RegistryLimits) -> Bool {
    fanOutBytes >= limits.fanOutBytes || volume >= limits.logVolume || recipients.count >= limits.logRecipients
  }

  /// True when the log is half full: a good moment to work it off, before senders have to be held back.
  @inline(__always) func isLarge(_ limits: RegistryLimits) -> Bool {
    size >= limits.logBytes / 2 || volume >= limits.logVolume / 2 || fanOutBytes >= limits.fanOutBytes / 2
      || recipients.count >= limits.logRecipients / 2
  }

  /// The bytes of replies.
  var replyBytes: Int { replies.count }

  /// The slot of the open entry's recipient, if it has only one.
  var soleRecipient: UInt32? {
    entries[openEvents].count == 1 ? entries[openEvents].first : nil
  }

  /// The slot of one recipient of an entry.
  @inlinable @inline(__always) public func recipient(_ index: Int, of delivery: Delivery) -> UInt32 {
    delivery.count == 1 ? delivery.first : recipients[Int(delivery.first) + index]
  }

  /// The address of the bytes of an entry; valid until the log changes.
  @unsafe @inlinable @inline(__always) public func address(of delivery: Delivery) -> UnsafeRawPointer? {
    let base = unsafe delivery.kind == .replies ? replies.base : bytes.base
    return unsafe base.map { unsafe UnsafeRawPointer($0 + Int(delivery.offset)) }
  }

  /// Forgets everything. The memory is kept for the next turn, and given back after a while in which little of it was
  /// needed.
  public mutating func removeAll() {
    quietTurns = size < 64 << 10 ? quietTurns + 1 : 0
    let kept = quietTurns < 256 ? Int.max : 64 << 10
    bytes.removeAll(keepingCapacityUpTo: kept)
    replies.removeAll(keepingCapacityUpTo: kept)
    entries.removeAll(keepingCapacityUpTo: kept / MemoryLayout<Delivery>.stride)
    recipients.removeAll(keepingCapacityUpTo: kept / 4)
    openReplies = nil
    volume = 0
    fanOutBytes = 0
    resumes = 0
  }
}

// What the registry writes.
extension DeliveryLog {
  /// Adds an entry without bytes.
  mutating func append(_ kind: Delivery.Kind, to slot: UInt32) {
    openReplies = nil
    if kind == .resume { resumes += 1 }
    entries.append(Delivery(kind: kind, reason: .closeRequest, first: slot, count: 1, offset: 0, length: 0))
  }

  /// Adds the end of a connection that was logged in as `name`, or was not when that is empty.
  mutating func close(_ slot: UInt32, _ reason: CloseReason, name: UnsafeRawBufferPointer) {
    openReplies = nil
    let offset = replies.count
    if let source = name.baseAddress, unsafe !name.isEmpty {
      var target = unsafe ByteWriter(replies.reserve(name.count))
      unsafe target.write(source, name.count)
      unsafe replies.commit(name.count)
    }
    entries.append(
      Delivery(
        kind: .close, reason: reason, first: slot, count: 1, offset: UInt32(offset), length: UInt32(name.count)))
  }

  /// The identifier that the recipient of a `close` had; empty when it was not logged in.
  public func name(of delivery: Delivery) -> [UInt8] {
    (0..<Int(delivery.length)).map { replies[Int(delivery.offset) + $0] }
  }

  /// Adds a response for the client that is being served.
  mutating func reply(_ code: ReplyCode, to slot: UInt32) {
    var target = unsafe reserveReply(4, to: slot)
    unsafe target.write(code.line)
  }

  /// Adds text for the client that is being served.
  mutating func reply(_ text: StaticString, to slot: UInt32) {
    var target = unsafe reserveReply(text.utf8CodeUnitCount, to: slot)
    unsafe target.write(text)
  }

  /// Where the next `length` bytes for the connection go, which the caller writes at once.
  @unsafe private mutating func reserveReply(_ length: Int, to slot: UInt32) -> ByteWriter {
    let offset = replies.count
    let target = unsafe replies.reserve(length)
    unsafe replies.commit(length)
    if let open = openReplies, entries[open].first == slot {
      entries[open].length += UInt32(length)
    } else {
      openReplies = entries.count
      entries.append(
        Delivery(
          kind: .replies, reason: .closeRequest, first: slot, count: 1, offset: UInt32(offset), length: UInt32(length)))
    }
    return unsafe ByteWriter(target)
  }

  /// Later responses must not be added to what was delivered before: something else for the same connection follows.
  mutating func endReplies() {
    openReplies = nil
  }

  /// The recipients that are added from here on belong to the next entry of events.
  mutating func beginRecipients() {
    firstRecipient = recipients.count
  }

  /// Adds an entry for the bytes that follow, for the recipients added since `beginRecipients`; returns their number.
  mutating func beginEvents() -> Int {
    let count = recipients.count - firstRecipient
    if count == 1, let only = recipients.popLast() {
      beginEvents(first: only, count: 1)
    } else {
      beginEvents(first: UInt32(firstRecipient), count: count)
    }
    return count
  }

  /// Adds an entry for the bytes that follow, for one recipient.
  mutating func beginEvents(to slot: UInt32) {
    beginEvents(first: slot, count: 1)
  }

  private mutating func beginEvents(first: UInt32, count: Int) {
    openEvents = entries.count
    entries.append(
      Delivery(
        kind: .events, reason: .closeRequest, first: first, count: UInt32(count), offset: UInt32(bytes.count), length: 0
      ))
  }

  /// Where the next `length` bytes of the open entry go, which every recipient of it gets and the caller writes at once.
  @unsafe mutating func reserveEvents(_ length: Int) -> ByteWriter {
    let target = unsafe bytes.reserve(length)
    unsafe bytes.commit(length)
    entries[openEvents].length += UInt32(length)
    let recipients = Int(entries[openEvents].count)
    if recipients > 1 {
      fanOutBytes += length
      volume += length * recipients
    }
    return unsafe ByteWriter(target)
  }
}
