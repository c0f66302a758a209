// The grammar of requests, read in place.

/// What became of an attempt to parse a request.
public enum ParseOutcome: Sendable {
  /// A whole request; the next one begins at its `end`.
  case complete(Request)
  /// What is there can be the beginning of a request, but its end is missing.
  case incomplete
  /// No request begins with these bytes, whatever may follow (Invalid messages: 400 and close).
  case invalid
}

/// The parser of requests (Grammar).
///
/// It keeps no state: an incomplete request is parsed again from its first byte when more has come, which costs little
/// because the longest request has less than 1,200 bytes. An error is found at the first byte that no request can have there.
public enum RequestParser {
  /// Parses the request that begins at `start`.
  public static func parse(_ bytes: RawSpan, at start: Int, framing: Framing) -> ParseOutcome {
    if let verb = Verb(message: bytes, at: start) {
      let reader = Reader(start: start, verb: verb, framing: framing)
      return verb == .bcast ? reader.payloadOnly(bytes, at: start + 5) : reader.idAndPayload(bytes, at: start + 5)
    }
    let count = bytes.byteCount
    var index = start
    var key: UInt128 = 0
    while true {
      guard index < count else { return .incomplete }
      let byte = bytes.byte(index)
      guard byte.isUpperAlpha else { break }
      guard index - start < Bounds.verb else { return .invalid }
      key = key << 8 | UInt128(byte)
      index += 1
    }
    guard index > start else { return .invalid }
    let reader = Reader(start: start, verb: Verb(key: key), framing: framing)
    switch reader.verb {
    case .close, .ping, .pong: return reader.bare(bytes, at: index)
    case .ucast, .mcast: return reader.idAndPayload(bytes, at: index)
    case .bcast: return reader.payloadOnly(bytes, at: index)
    case .subscribe: return reader.subscribe(bytes, at: index)
    case .unsubscribe: return reader.unsubscribe(bytes, at: index)
    case .login: return reader.login(bytes, at: index)
    case .unknown: return reader.compat(bytes, at: index)
    }
  }

  /// What the productions below share: where the request begins, its verb, and how lines end.
  struct Reader {
    let start: Int
    let verb: Verb
    let framing: Framing
  }

  /// How far one element reached: `stop` is the place behind it.
  enum Element {
    case found(stop: Int)
    case incomplete
    case invalid
  }
}

// Each production gets the place where the previous element stopped and says what the whole request is.
extension RequestParser.Reader {
  /// `verb`
  func bare(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    complete(lineEnd(bytes, at: index), at: index)
  }

  /// `verb SP id SP payload`
  func idAndPayload(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    switch spaceAndID(bytes, at: index) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .found(let stop):
      guard bytes.byte(stop) == Byte.space else { return .invalid }
      return payload(bytes, at: stop + 1, first: stop - index - 1)
    }
  }

  /// `verb SP payload`
  func payloadOnly(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    guard bytes.byte(index) == Byte.space else { return .invalid }
    return payload(bytes, at: index + 1)
  }

  /// `verb SP id`
  func unsubscribe(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    switch spaceAndID(bytes, at: index) {
    case .incomplete: .incomplete
    case .invalid: .invalid
    case .found(let stop): complete(lineEnd(bytes, at: stop), at: stop, first: stop - index - 1)
    }
  }

  /// `verb SP id [ SP "PRESENCE" ]`
  func subscribe(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    guard case .found(let stop) = spaceAndID(bytes, at: index) else { return unsubscribe(bytes, at: index) }
    guard bytes.byte(stop) == Byte.space else {
      return complete(lineEnd(bytes, at: stop), at: stop, first: stop - index - 1)
    }
    var place = stop + 1
    var option: UInt64 = 0x5052_4553_454e_4345  // "PRESENCE", the first letter highest
    while option != 0 {
      guard place < bytes.byteCount else { return .incomplete }
      guard bytes.byte(place) == UInt8(option >> 56) else { return .invalid }
      option <<= 8
      place += 1
    }
    return complete(lineEnd(bytes, at: place), at: place, first: stop - index - 1, flags: Request.hasPresence)
  }

  /// `verb SP id SP id [ SP payload ]`
  func login(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    switch spaceAndID(bytes, at: index) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .found(let idStop):
      switch spaceAndID(bytes, at: idStop) {
      case .incomplete: return .incomplete
      case .invalid: return .invalid
      case .found(let stop):
        let first = idStop - index - 1
        let second = stop - idStop - 1
        guard bytes.byte(stop) == Byte.space else {
          return complete(lineEnd(bytes, at: stop), at: stop, first: first, second: second)
        }
        return payload(bytes, at: stop + 1, first: first, second: second)
      }
    }
  }

  /// A request that ends with a payload at `index`.
  func payload(_ bytes: RawSpan, at index: Int, first: Int = 0, second: Int = 0) -> ParseOutcome {
    guard index < bytes.byteCount else { return .incomplete }
    if bytes.byte(index).startsBinary {
      return complete(binaryPayload(bytes, at: index), at: nil, first: first, second: second)
    }
    switch textPayload(bytes, at: index) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .found(let stop): return complete(lineEnd(bytes, at: stop), at: stop, first: first, second: second)
    }
  }

  /// The request that ends at `end`; a line end of two bytes from `contentEnd` on is CR LF.
  func complete(
    _ end: RequestParser.Element, at contentEnd: Int?, first: Int = 0, second: Int = 0, flags: UInt8 = 0
  ) -> ParseOutcome {
    switch end {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .found(let stop):
      let isCRLF = contentEnd.map { stop - $0 == 2 } ?? false
      return .complete(
        Request(
          verb, start: start, end: stop, first: first, second: second, flags: flags | (isCRLF ? Request.hasCR : 0)))
    }
  }
}
