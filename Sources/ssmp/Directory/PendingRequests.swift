// Requests that were written to an `in`, and are not answered.

import SSMPClient
import SSMPTransport

/// The requests whose answers become files (docs/services.md). There is a limit to their number and to their age.
struct PendingRequests {
  /// The most requests; one more displaces the oldest.
  static let most = 1024
  /// The most parts of an answer; more are dropped.
  static let mostParts = 1024
  /// After how many nanoseconds a request counts as unanswered.
  static let patience: UInt64 = 600_000_000_000

  private struct Request {
    let place: Place
    let since: UInt64
    var parts: [[UInt8]] = []
  }

  /// What is to be written for an answer.
  enum Answer: Equatable {
    /// A line more of the answers to a request to a topic.
    case line(Place, tag: ID, [UInt8])
    /// The whole answer of a client.
    case whole(Place, tag: ID, [UInt8])
    /// A part of an answer, whose end is still to come.
    case incomplete
  }

  private var all: [ID: Request] = [:]

  /// The number of requests.
  var count: Int { all.count }

  /// Notes a request to a client or a topic, if the payload is one, and returns its tag.
  @discardableResult
  mutating func note(_ payload: Payload, to place: Place, now: UInt64 = MonotonicTime.nanoseconds()) -> ID? {
    guard place != .broadcast, let message = ExchangeMessage(payload), case .request = message.kind else { return nil }
    all[message.tag] = Request(place: place, since: now)
    if all.count > Self.most {
      all = all.filter { now - $0.value.since < Self.patience }
      if all.count > Self.most, let oldest = all.min(by: { $0.value.since < $1.value.since }) { all[oldest.key] = nil }
    }
    return message.tag
  }

  /// The server has not passed on a request: this is what its sender reads instead of an answer, if
  /// the payload is a request.
  mutating func refuse(_ payload: Payload, to place: Place, _ reason: String) -> Answer? {
    guard let message = ExchangeMessage(payload), all[message.tag]?.place == place else { return nil }
    all[message.tag] = nil
    return .whole(place, tag: message.tag, Array("\(reason)\n".utf8))
  }

  /// Takes a message that may answer a request; `nil` if it does not.
  mutating func take(
    _ payload: Payload, from: ID, now: UInt64 = MonotonicTime.nanoseconds()
  ) -> Answer? {
    guard !all.isEmpty, let message = ExchangeMessage(payload), let request = all[message.tag],
      now - request.since < Self.patience
    else { return nil }
    let text = LogLine.escaped(Array(message.text.utf8) + (message.bytes.map { [UInt8(ascii: "\n")] + $0 } ?? []))
    let code: String
    switch message.kind {
    case .request: return nil
    case .part: code = "+"
    case .answer(let number): code = String(number)
    }
    let line = Array("\(code)\(text.isEmpty ? "" : " \(text)")\n".utf8)
    if case .topic = request.place { return .line(request.place, tag: message.tag, Array("\(from) ".utf8) + line) }
    guard request.place == .peer(from) else { return nil }
    guard case .answer = message.kind else {
      if request.parts.count < Self.mostParts { all[message.tag]?.parts.append(line) }
      return .incomplete
    }
    all[message.tag] = nil
    return .whole(request.place, tag: message.tag, line + request.parts.joined())
  }
}
