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
  private(set) var liveness: Liveness
  /// No request's time is over before this moment; never if it is `.max`.
  private var earliestExpiry = UInt64.max

  private struct Pending {
    /// `nil` if nothing waits any more.
    var waiter: Waiter?
    let ticket: UInt64
    let madeAt: UInt64
    let timeout: UInt64
    /// Where its bytes are, as positions of the writer.
    var bytes: Range<UInt64>
  }

  init(_ timeouts: Timeouts, now: UInt64) {
    liveness = Liveness(timeouts, now: now)
  }

  /// The number of responses that are owed.
  var owed: Int { pending.count }

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

  /// Sends a PING, to which no response belongs.
  mutating func ping() { output.write("PING\n") }

  /// Sends a PONG (Server-initiated).
  mutating func pong() { output.write("PONG\n") }

  /// Notes that the first `count` bytes of `output` have been sent.
  mutating func sent(_ count: Int) { output.take(count) }

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

  private mutating func withdraw(at index: Int, committed: Int) -> (waiter: Waiter, sent: SSMPError.Sent)? {
    let request = pending[index]
    guard let waiter = request.waiter else { return nil }
    let firm = output.taken + UInt64(committed)
    guard request.bytes.lowerBound >= firm else {
      pending[index].waiter = nil
      return (waiter, request.bytes.upperBound <= output.taken ? .yes : .unknown)
    }
    output.remove(request.bytes)
    pending.remove(at: index)
    let length = UInt64(request.bytes.count)
    for later in index..<pending.count {
      let bytes = pending[later].bytes
      pending[later].bytes = bytes.lowerBound - length..<bytes.upperBound - length
    }
    return (waiter, .no)
  }

  /// Takes the waiters of all requests whose responses have not come in time.
  mutating func expired(now: UInt64, committed: Int) -> [(waiter: Waiter, sent: SSMPError.Sent)] {
    var all: [(waiter: Waiter, sent: SSMPError.Sent)] = []
    guard now >= earliestExpiry else { return all }
    var index = 0
    earliestExpiry = .max
    while index < pending.count {
      let request = pending[index]
      let expiry = max(request.madeAt, liveness.lastInput) + request.timeout
      if request.waiter == nil {
        index += 1
      } else if now < expiry {
        earliestExpiry = min(earliestExpiry, expiry)
        index += 1
      } else {
        let count = pending.count
        if let one = withdraw(at: index, committed: committed) { all.append(one) }
        if pending.count == count { index += 1 }
      }
    }
    return all
  }

  /// Takes the waiters of all requests, because the connection is lost.
  mutating func abandon() -> [(waiter: Waiter, sent: SSMPError.Sent)] {
    earliestExpiry = .max
    let firm = output.taken
    return pending.popAll().compactMap { request in
      request.waiter.map { ($0, request.bytes.lowerBound >= firm ? .no : .unknown) }
    }
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
    /// A PING, which has been answered, or a PONG.
    case heartbeat(Message)
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
        return .heartbeat(message)
      case .pong:
        liveness.answered()
        return .heartbeat(message)
      default: return .event(message)
      }
    }
  }

  private mutating func respond(_ message: Message) -> Step {
    guard let request = pending.popFirst() else {
      return .violation("it has answered \(message.code) to nothing")
    }
    if pending.isEmpty { earliestExpiry = .max }
    return .response(message, request.waiter)
  }
}
