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

  /// Who asked for it.
  public var identity: [UInt8] { who.array }
  /// The topic, the peer, or the scheme of a LOGIN; empty for BCAST.
  public var target: [UInt8] { what.array }
}

/// The requests that were refused last, until some loop takes them.
struct RefusalLog: ~Copyable {
  /// The most that are kept: a batch of each of several loops.
  private let capacity: Int
  private var entries: [RequestRefusal] = []
  /// Where the next one goes, when there is no room for more.
  private var oldest = 0
  /// Those that were written over before anybody took them.
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

  /// Those since the last time, in order, and how many before them are lost.
  mutating func take() -> (refusals: [RequestRefusal], lost: Int) {
    defer {
      entries.removeAll(keepingCapacity: true)
      (oldest, lost) = (0, 0)
    }
    return (Array(entries[oldest...] + entries[..<oldest]), lost)
  }
}

extension Registry {
  /// The requests that were refused since this was asked last, on any loop, and the number of those that are forgotten.
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
