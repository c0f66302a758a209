// Requests that were refused, for the log.

/// A request that was refused though it is well formed.
public struct RequestRefusal: BitwiseCopyable, Sendable {
  /// What has refused it.
  public enum Reason: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// The access rules.
    case access
    /// The limit on the subscriptions of one connection.
    case subscriptionLimit
  }

  /// What has refused it.
  public let reason: Reason
  /// What was asked for.
  public let verb: Verb
  private let who: FixedName
  private let what: FixedName

  /// A name of 64 bytes at most in place, so that refusing allocates nothing.
  private struct FixedName: BitwiseCopyable {
    private var bytes = InlineArray<64, UInt8>(repeating: 0)
    private var count = 0

    init(_ source: RawSpan, _ range: Range<Int>) {
      count = min(range.count, 64)
      for place in 0..<count { bytes[place] = source.byte(range.lowerBound + place) }
    }

    var array: [UInt8] { (0..<count).map { bytes[$0] } }
  }

  init(
    _ reason: Reason, _ verb: Verb, by name: RawSpan, _ nameRange: Range<Int>, _ bytes: RawSpan, _ range: Range<Int>
  ) {
    self.reason = reason
    self.verb = verb
    who = FixedName(name, nameRange)
    what = FixedName(bytes, range)
  }

  /// The identifier of the client that made the request.
  public var identity: [UInt8] { who.array }
  /// The topic, the peer, or the scheme of a LOGIN; empty for BCAST.
  public var target: [UInt8] { what.array }
}

/// The requests that were refused last, until some loop takes them.
struct RefusalLog: ~Copyable {
  /// The most requests that are kept: one batch for each loop, of eight loops at most.
  private let capacity: Int
  private var entries: [RequestRefusal] = []
  /// If there is no room: the index of the oldest entry, which the next one replaces.
  private var oldest = 0
  /// The number of entries that were replaced before a loop took them.
  private var lost = 0

  init(loops: Int) {
    capacity = RequestBatch.limit * min(loops, 8)
  }

  mutating func append(_ refusal: RequestRefusal) {
    guard entries.count == capacity else { return entries.append(refusal) }
    entries[oldest] = refusal
    oldest = (oldest + 1) % capacity
    lost += 1
  }

  /// The requests that were refused since the last call, in order, and the number of earlier ones
  /// that are lost.
  mutating func take() -> (refusals: [RequestRefusal], lost: Int) {
    defer {
      entries.removeAll(keepingCapacity: true)
      (oldest, lost) = (0, 0)
    }
    return (Array(entries[oldest...] + entries[..<oldest]), lost)
  }
}

extension Registry {
  /// The requests that any loop has refused since the last call, and the number of those that are
  /// lost.
  public mutating func takeRefusals() -> (refusals: [RequestRefusal], lost: Int) { permissions.refusals.take() }

  /// Notes that a request of a client is refused.
  mutating func noteRefusal(_ reason: RequestRefusal.Reason, _ request: Request, _ bytes: RawSpan, _ client: ClientID) {
    let name = record(client).name
    let own = unsafe names.buffer(name)
    let target = request.verb == .bcast ? 0..<0 : request.id
    permissions.refusals.append(
      unsafe RequestRefusal(
        reason, request.verb, by: RawSpan(_unsafeBytes: own), 0..<Int(name.length), bytes, target))
  }
}
