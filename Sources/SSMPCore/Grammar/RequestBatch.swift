// The complete requests of one read.

import Containers

/// The requests of one read, parsed before the registry is entered, so that nothing is parsed under its lock.
public struct RequestBatch: ~Copyable {
  /// Why parsing stopped.
  public enum Stop: Sendable {
    /// What remains is the beginning of a request, or nothing.
    case incomplete
    /// The batch is full; there may be more.
    case full
    /// What remains breaks the grammar (Invalid messages).
    case invalid
  }

  /// The most requests in a batch. It bounds how long the registry is held for one connection.
  public static let limit = 256

  var requests = FlatArray<Request>()

  /// Why parsing stopped.
  public private(set) var stop = Stop.incomplete

  /// The place behind the last complete request.
  public private(set) var end = 0

  /// Creates an empty batch.
  public init() {}

  /// The number of requests.
  public var count: Int { requests.count }

  /// The request with this number.
  public subscript(index: Int) -> Request { requests[index] }

  /// The number of requests that begin before `place`.
  public func count(before place: Int) -> Int {
    var number = 0
    while number < count, Int(self[number].start) < place { number += 1 }
    return number
  }

  /// Forgets all but the first `limit` requests, of which there is one at least: it is as if the batch were full with them.
  public mutating func truncate(to limit: Int) {
    guard limit < count else { return }
    while count > limit { _ = requests.popLast() }
    end = Int(requests.last.end)
    stop = .full
  }

  /// Replaces the batch with the requests that begin at `start`.
  ///
  /// - Parameter framing: how lines end; the first request decides it where it is undecided.
  public mutating func parse(_ bytes: RawSpan, from start: Int, framing: inout Framing) {
    requests.removeAll()
    end = start
    stop = .incomplete
    while end < bytes.byteCount {
      switch RequestParser.parse(bytes, at: end, framing: framing) {
      case .complete(let request):
        guard requests.count < Self.limit else {
          stop = .full
          return
        }
        if framing == .undecided { framing = request.endsInCRLF ? .line : .exact }
        requests.append(request)
        end = Int(request.end)
      case .incomplete: return
      case .invalid:
        stop = .invalid
        return
      }
    }
  }
}
