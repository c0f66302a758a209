// The grammar of what a server sends, read in place.

/// What became of an attempt to parse a message of a server.
public enum MessageOutcome: Sendable {
  /// A whole message; the next one begins at its `end`.
  case complete(Message)
  /// What is there can be the beginning of a message, but its end is missing.
  case incomplete
  /// No message of a server begins with these bytes, whatever may follow (Invalid messages: a client closes).
  case invalid
}

/// The parser of responses and events, for clients (Grammar: `response`, `event`).
///
/// What an event forwards is written like a request, and the parser of requests reads it. Like that one, this keeps no
/// state: an incomplete message is parsed again from its first byte when more has come.
public enum MessageParser {
  /// Parses the message that begins at `start`.
  public static func parse(_ bytes: RawSpan, at start: Int) -> MessageOutcome {
    var code: UInt16 = 0
    var index = start
    while index < start + 3 {
      guard index < bytes.byteCount else { return .incomplete }
      let digit = bytes.byte(index) &- 48
      guard digit < 10 else { return .invalid }
      code = code * 10 + UInt16(digit)
      index += 1
    }
    guard index < bytes.byteCount else { return .incomplete }
    return code == 0 ? event(bytes, at: start) : response(code, bytes, at: start)
  }

  /// The same, where messages often begin like `model`, an earlier one among the same bytes: an event that has its fields, and
  /// a payload of text, takes a comparison and a search for its LF. That doubles what a client can take in.
  @inline(__always)
  public static func parse(_ bytes: RawSpan, at start: Int, like model: Message) -> MessageOutcome {
    let head = model.payload.lowerBound - Int(model.start)
    let place = start + head
    // A response, or an event without payload, is parsed anew. So is what may be too long.
    guard model.isEvent, Int(model.end) - 1 > Int(model.start) + head, place < bytes.byteCount,
      bytes.equal(Int(model.start)..<Int(model.start) + head, start..<place), !bytes.byte(place).startsBinary,
      let end = bytes.firstIndex(of: Byte.lf, in: place..<min(bytes.byteCount, place + Bounds.payload + 1)), end > place
    else { return parse(bytes, at: start) }
    return .complete(Message(like: model, start: start, end: end + 1))
  }

  /// `code [ SP payload ]`
  private static func response(_ code: UInt16, _ bytes: RawSpan, at start: Int) -> MessageOutcome {
    let reader = RequestParser.Reader(start: start, verb: .unknown, framing: .exact)
    if bytes.byte(start + 3) == Byte.lf { return .complete(Message(response: code, start: start, end: start + 4)) }
    guard bytes.byte(start + 3) == Byte.space else { return .invalid }
    switch reader.payload(bytes, at: start + 4) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .complete(let found): return .complete(Message(response: code, start: start, end: Int(found.end)))
    }
  }

  /// `"000" SP id SP ( forwardable | "PING" | "PONG" )`, with a known verb (Forward compatibility).
  private static func event(_ bytes: RawSpan, at start: Int) -> MessageOutcome {
    let reader = RequestParser.Reader(start: start, verb: .unknown, framing: .exact)
    switch reader.spaceAndID(bytes, at: start + 3) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .found(let stop):
      guard bytes.byte(stop) == Byte.space else { return .invalid }
      return forwarded(bytes, at: stop + 1, of: start)
    }
  }

  private static func forwarded(_ bytes: RawSpan, at place: Int, of start: Int) -> MessageOutcome {
    var index = place
    var key: UInt128 = 0
    while true {
      guard index < bytes.byteCount else { return .incomplete }
      let byte = bytes.byte(index)
      guard byte.isUpperAlpha else { break }
      guard index - place < Bounds.verb else { return .invalid }
      key = key << 8 | UInt128(byte)
      index += 1
    }
    let reader = RequestParser.Reader(start: place, verb: Verb(key: key), framing: .exact)
    let outcome: ParseOutcome
    switch reader.verb {
    case .ping, .pong: outcome = reader.bare(bytes, at: index)
    case .ucast, .mcast: outcome = reader.idAndPayload(bytes, at: index)
    case .bcast: outcome = reader.payloadOnly(bytes, at: index)
    case .subscribe: outcome = reader.subscribe(bytes, at: index)
    case .unsubscribe: outcome = reader.unsubscribe(bytes, at: index)
    case .login, .close, .unknown: return .invalid
    }
    switch outcome {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .complete(let request): return .complete(Message(event: request, start: start))
    }
  }
}
