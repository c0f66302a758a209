// One parsed message of a server: where its fields lie among the bytes that were read.

/// A response or an event, as ranges of the bytes it was parsed from. Nothing is copied.
public struct Message: BitwiseCopyable, Sendable {
  /// Where the message begins.
  public let start: UInt32
  /// The place behind the message's LF.
  public let end: UInt32
  /// The code: 0 for an event (Response codes).
  public let code: UInt16
  /// What an event tells of; `.unknown` for a response.
  public let verb: Verb
  /// The length of the identifier that an event comes from.
  let fromLength: UInt8
  /// The length of the identifier or topic of an event; 0 where its verb has none.
  let idLength: UInt8
  /// True when a SUBSCRIBE event carries the PRESENCE option (Presence notifications).
  public let hasPresence: Bool

  init(response code: UInt16, start: Int, end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
    self.code = code
    verb = .unknown
    fromLength = 0
    idLength = 0
    hasPresence = false
  }

  /// The event at `start` that forwards `request`, which begins behind the sender's identifier.
  init(event request: Request, start: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    end = request.end
    code = 0
    verb = request.verb
    fromLength = UInt8(truncatingIfNeeded: Int(request.start) - start - 5)
    idLength = request.firstLength
    hasPresence = request.wantsPresence
  }

  /// The event at `start` that differs from `model` in nothing but its payload.
  @inline(__always) init(like model: Message, start: Int, end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
    code = model.code
    verb = model.verb
    fromLength = model.fromLength
    idLength = model.idLength
    hasPresence = model.hasPresence
  }

  /// True for an event, false for a response (Response codes: `000`).
  @inline(__always) public var isEvent: Bool { code == 0 }

  /// The bytes of the message without its LF.
  public var line: Range<Int> { Int(start)..<Int(end) - 1 }

  /// Of an event, the identifier that it comes from.
  public var from: Range<Int> { Int(start) + 4..<Int(start) + 4 + Int(fromLength) }

  /// Of an event, the identifier or topic; empty where its verb has none.
  public var id: Range<Int> {
    let from = Int(start) + 4 + Int(fromLength) + 1 + verb.length + 1
    return from..<from + Int(idLength)
  }

  /// The payload, the two bytes of length of a binary one included (Binary payloads); empty where there is none.
  public var payload: Range<Int> {
    let end = Int(self.end) - 1
    var from = Int(start) + 4
    switch verb {
    case .unknown: break
    case .ucast, .mcast: from = id.upperBound + 1
    case .bcast: from += Int(fromLength) + 1 + verb.length + 1
    default: return end..<end
    }
    return from < end ? from..<end : end..<end
  }
}
