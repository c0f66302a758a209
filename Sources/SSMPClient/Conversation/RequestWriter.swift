// How requests are written.

import Containers

/// The requests that wait for being sent, as bytes.
///
/// Positions are counted from the first byte of the connection on.
struct RequestWriter: ~Copyable {
  private var waiting = OwnedBytes()
  /// The bytes that have been taken by the kernel.
  private(set) var taken: UInt64 = 0

  deinit {
    var waiting = waiting
    waiting.release()
  }

  /// The number of bytes that wait.
  var count: Int { waiting.count }
  /// True if none wait.
  var isEmpty: Bool { waiting.isEmpty }
  /// The bytes that wait, valid until the next change.
  var bytes: UnsafeRawBufferPointer { unsafe waiting.bytes }
  /// The position behind the last byte.
  var end: UInt64 { taken + UInt64(count) }

  /// Notes that the first `count` bytes have been taken.
  mutating func take(_ count: Int) {
    waiting.removeFirst(count)
    taken += UInt64(count)
  }

  /// Removes bytes that have not been taken. The ranges are in order.
  mutating func remove(_ ranges: [Range<UInt64>]) {
    var kept = OwnedBytes()
    var place = taken
    for range in ranges + [end..<end] {
      precondition(range.lowerBound >= place && range.upperBound <= end)
      unsafe kept.append(
        UnsafeRawBufferPointer(rebasing: waiting.bytes[Int(place - taken)..<Int(range.lowerBound - taken)]))
      place = range.upperBound
    }
    waiting.release()
    waiting = kept
  }

  /// Adds a verb, or other text of the grammar.
  @inline(__always)
  mutating func write(_ text: StaticString) {
    unsafe waiting.append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds a verb that is not in the source.
  mutating func write(_ text: String) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe waiting.append($0) }
  }

  /// Adds an identifier.
  @inline(__always)
  mutating func write(_ id: ID) {
    id.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe waiting.append($0) } }
  }

  /// Adds a payload.
  @inline(__always)
  mutating func write(_ payload: Payload) {
    unsafe payload.withWire { unsafe waiting.append($0) }
  }
}

/// A request of a client (Grammar: `request`).
enum ClientRequest {
  case login(Login, Payload?)
  case close
  case subscribe(ID, presence: Bool)
  case unsubscribe(ID)
  case unicast(ID, Payload)
  case multicast(ID, Payload)
  case broadcast(Payload)
  /// Any verb (Forward compatibility).
  case other(String, ID?, Payload?)

  /// Writes the request with its LF.
  @inline(__always)
  func write(to writer: inout RequestWriter) {
    switch self {
    case .unicast(let id, let payload): Self.write("UCAST ", id, payload, to: &writer)
    case .multicast(let id, let payload): Self.write("MCAST ", id, payload, to: &writer)
    case .broadcast(let payload):
      writer.write("BCAST ")
      writer.write(payload)
    case .subscribe(let id, let presence):
      writer.write("SUBSCRIBE ")
      writer.write(id)
      if presence { writer.write(" PRESENCE") }
    case .unsubscribe(let id):
      writer.write("UNSUBSCRIBE ")
      writer.write(id)
    case .close: writer.write("CLOSE")
    case .login(let login, let credential):
      writer.write("LOGIN ")
      writer.write(login.id)
      writer.write(" ")
      writer.write(login.scheme)
      Self.writeOptional(credential, to: &writer)
    case .other(let verb, let id, let payload):
      writer.write(verb)
      if let id {
        writer.write(" ")
        writer.write(id)
      }
      Self.writeOptional(payload, to: &writer)
    }
    writer.write("\n")
  }

  @inline(__always)
  private static func write(_ verb: StaticString, _ id: ID, _ payload: Payload, to writer: inout RequestWriter) {
    writer.write(verb)
    writer.write(id)
    writer.write(" ")
    writer.write(payload)
  }

  private static func writeOptional(_ payload: Payload?, to writer: inout RequestWriter) {
    guard let payload else { return }
    writer.write(" ")
    writer.write(payload)
  }
}
