// A client's side of the protocol, without I/O.

import SSMPCore

/// The conversation over one connection: bytes and time in; bytes, responses and events out.
///
/// Responses carry no identifiers, so they belong to requests in the order in which those were made. `Waiter` is what waits for
/// a response. A request whose waiter has given up keeps its place, and its response is dropped.
struct Conversation<Waiter>: ~Copyable {
  /// What waits for being sent.
  private(set) var output = RequestWriter()
  private var pending = Fifo<Pending>()
  /// The PINGs that no PONG has come for, and what waits for it.
  private var pings = Fifo<(waiter: Waiter?, ticket: UInt64)>()
  private(set) var liveness: Liveness
  /// The requests that were taken back and not removed yet.
  private var withdrawn = 0
  /// When the server's last message came, other than PING and PONG.
  private var progress: UInt64 = 0
  /// No request's time is over before this moment; never if it is `.max`.
  private var earliestExpiry = UInt64.max

  private struct Pending {
    /// `nil` if nothing waits any more.
    var waiter: Waiter?
    let ticket: UInt64
    let madeAt: UInt64
    let timeout: UInt64
    /// True if it was taken back before anything of it was sent.
    var isWithdrawn = false
    /// Where its bytes are, as positions of the writer.
    var bytes: Range<UInt64>
  }

  init(_ timeouts: Timeouts, now: UInt64) {
    liveness = Liveness(timeouts, now: now)
  }

  /// The number of responses that are owed. A PONG is none: while a sequence has no room, it is read when there is room again.
  var owed: Int { pending.count - withdrawn }

  // MARK: Requests

  /// Makes a request.
  ///
  /// - Parameter ticket: a number of its own, by which its waiter can be taken back; 0 if it is not.
  @inline(__always)
  mutating func request(
    _ request: ClientRequest, _ waiter: Waiter, ticket: UInt64 = 0, timeout: UInt64, now: UInt64
  ) {
    let start = output.end
    request.write(to: &output)
    pending.append(
      Pending(waiter: waiter, ticket: ticket, madeAt: now, timeout: timeout, bytes: start..<output.end))
    earliestExpiry = min(earliestExpiry, now + timeout)
  }

  /// Sends a PING (Client-initiated). What waits gets the PONG.
  mutating func ping(_ waiter: Waiter? = nil, ticket: UInt64 = 0) {
    output.write("PING\n")
    pings.append((waiter, ticket))
  }

  /// Sends a PONG (Server-initiated).
  mutating func pong() { output.write("PONG\n") }

  /// Notes that the first `count` bytes of `output` have been sent.
  mutating func sent(_ count: Int) {
    precondition(withdrawn == 0, "requests that were taken back are removed before anything is sent")
    output.take(count)
  }

  /// Takes back the waiter of a request, and the request itself if nothing of it has been sent.
  ///
  /// - Parameter committed: how many bytes of `output` can no longer be taken back, though they have not been sent.
  /// - Returns: the waiter and whether the request was sent; `nil` if the response has come, or the waiter is taken already.
  mutating func withdraw(_ ticket: UInt64, committed: Int) -> (waiter: Waiter, sent: SSMPError.Sent)? {
    var index = 0
    while index < pending.count, pending[index].ticket != ticket { index += 1 }
    guard index < pending.count else { return nil }
    return withdraw(at: index, committed: committed)
  }

  /// The same for all requests with these tickets.
  mutating func withdraw(_ tickets: Range<UInt64>, committed: Int) -> [(waiter: Waiter, sent: SSMPError.Sent)] {
    var all: [(waiter: Waiter, sent: SSMPError.Sent)] = []
    for index in 0..<pending.count where tickets.contains(pending[index].ticket) {
      if let one = withdraw(at: index, committed: committed) { all.append(one) }
    }
    for index in 0..<pings.count where tickets.contains(pings[index].ticket) {
      if let waiter = pings[index].waiter { all.append((waiter, .unknown)) }
      pings[index].waiter = nil
    }
    return all
  }

  private mutating func withdraw(at index: Int, committed: Int) -> (waiter: Waiter, sent: SSMPError.Sent)? {
    let request = pending[index]
    guard let waiter = request.waiter else { return nil }
    pending[index].waiter = nil
    guard request.bytes.lowerBound >= output.taken + UInt64(committed) else {
      return (waiter, request.bytes.upperBound <= output.taken ? .yes : .unknown)
    }
    pending[index].isWithdrawn = true
    withdrawn += 1
    return (waiter, .no)
  }

  /// Removes the requests that were taken back: all together, since each time all that follow move up. To be called before
  /// anything more is sent.
  mutating func removeWithdrawn() {
    guard withdrawn > 0 else { return }
    var kept = Fifo<Pending>()
    var gone: [Range<UInt64>] = []
    var shift: UInt64 = 0
    while var request = pending.popFirst() {
      if request.isWithdrawn {
        gone.append(request.bytes)
        shift += UInt64(request.bytes.count)
      } else {
        request.bytes = request.bytes.lowerBound - shift..<request.bytes.upperBound - shift
        kept.append(request)
      }
    }
    output.remove(gone)
    pending = kept
    withdrawn = 0
  }

  /// How often requests are looked through for those whose time is over: 20 ms.
  private static var expiryStep: UInt64 { 20_000_000 }

  /// Takes the waiters of all requests whose responses have not come in time.
  mutating func expired(now: UInt64, committed: Int) -> [(waiter: Waiter, sent: SSMPError.Sent)] {
    var all: [(waiter: Waiter, sent: SSMPError.Sent)] = []
    guard now >= earliestExpiry else { return all }
    earliestExpiry = .max
    for index in 0..<pending.count where pending[index].waiter != nil {
      let expiry = max(pending[index].madeAt, progress) + pending[index].timeout
      if now < expiry {
        earliestExpiry = min(earliestExpiry, max(expiry, now + Self.expiryStep))
      } else if let one = withdraw(at: index, committed: committed) {
        all.append(one)
      }
    }
    return all
  }

  /// Takes the waiters of all requests, because the connection is lost.
  mutating func abandon() -> [(waiter: Waiter, sent: SSMPError.Sent)] {
    earliestExpiry = .max
    removeWithdrawn()
    let firm = output.taken
    let requests: [(waiter: Waiter, sent: SSMPError.Sent)] = pending.popAll().compactMap { request in
      request.waiter.map { ($0, request.bytes.lowerBound >= firm ? .no : .unknown) }
    }
    return requests + pings.popAll().compactMap { ping in ping.waiter.map { ($0, .unknown) } }
  }

  // MARK: Time

  /// When `duty` and `expired` are to be asked next.
  var deadline: UInt64 {
    min(liveness.deadline, earliestExpiry)
  }

  /// What there is to do about the server's silence; a PING is written.
  mutating func duty(now: UInt64) -> Liveness.Duty {
    let duty = liveness.duty(now: now)
    if duty == .ping { ping() }
    return duty
  }

  // MARK: Input

  /// A message of the server's, or why there is none.
  enum Step {
    /// The response to a request, and what waits for it, unless that has given up.
    case response(Message, Waiter?)
    /// An event other than PING and PONG.
    case event(Message)
    /// A PING, which has been answered, or a PONG and what waits for it.
    case heartbeat(Message, Waiter?)
    /// The end of the message has not come.
    case incomplete
    /// The connection must be closed (Invalid messages).
    case violation(String)
  }

  /// Notes that bytes have come.
  @inline(__always)
  mutating func received(now: UInt64) { liveness.received(now: now) }

  /// Reads the message at `place`.
  ///
  /// - Parameter model: the message before it, among the same bytes; `nil` at the beginning.
  @inline(__always)
  mutating func next(_ bytes: RawSpan, at place: Int, like model: Message?) -> Step {
    guard place < bytes.byteCount else { return .incomplete }
    let outcome =
      model.map { MessageParser.parse(bytes, at: place, like: $0) } ?? MessageParser.parse(bytes, at: place)
    switch outcome {
    case .incomplete: return .incomplete
    case .invalid: return .violation("it has sent what is no message")
    case .complete(let message):
      guard message.isEvent else { return respond(message) }
      switch message.verb {
      case .ping:
        pong()
        return .heartbeat(message, nil)
      case .pong:
        liveness.answered()
        return .heartbeat(message, pings.popFirst()?.waiter)
      default:
        progress = liveness.lastInput
        return .event(message)
      }
    }
  }

  private mutating func respond(_ message: Message) -> Step {
    progress = liveness.lastInput
    removeWithdrawn()
    guard let request = pending.popFirst() else {
      return .violation("it has answered \(message.code) to nothing")
    }
    if pending.isEmpty { earliestExpiry = .max }
    return .response(message, request.waiter)
  }
}
