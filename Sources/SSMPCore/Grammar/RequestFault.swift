// What is wrong with a request that is answered with 400.

/// The place at which a request breaks the grammar, and what it would have to have there: for logs, never for the client.
///
/// Nothing of it is known while requests are parsed: it is found out afterwards, from the bytes that were refused.
public struct RequestFault: Equatable, BitwiseCopyable, Sendable {
  /// What a request lacks.
  public enum Expectation: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case login, verb, shorterVerb, space, identifier, shorterIdentifier, scheme, payload, shorterPayload, lineEnd
    case lineEndOrSpace, presence, binaryEnd

    /// What would be accepted, in words.
    public var words: StaticString {
      switch self {
      case .login: "LOGIN, as the first request"
      case .verb: "a verb in capital letters"
      case .shorterVerb: "a verb of at most 16 letters"
      case .space: "a space"
      case .identifier: "an identifier of letters, digits and . : @ / _ - + = ~"
      case .shorterIdentifier: "an identifier of at most 64 bytes"
      case .scheme: "a space and a scheme"
      case .payload: "a payload of at least 1 byte"
      case .shorterPayload: "a payload of at most 1024 bytes"
      case .lineEnd: "the end of the line"
      case .lineEndOrSpace: "a space or the end of the line"
      case .presence: "PRESENCE"
      case .binaryEnd: "the end of the line behind a binary payload"
      }
    }
  }

  /// The verb; `nil` when the request has none.
  public let verb: Verb?
  /// The place of the first byte that no request can have there, from the beginning of the request on.
  public let place: Int
  /// That byte; `nil` when the request is well formed, but cannot come first.
  public let byte: UInt8?
  /// What would be accepted there.
  public let expected: Expectation

  /// A request before LOGIN.
  public init(before verb: Verb) {
    self.verb = verb
    place = 0
    byte = nil
    expected = .login
  }

  /// What is wrong with the request that begins at `start`; `nil` when nothing is, as far as it goes.
  public init?(_ bytes: RawSpan, at start: Int, framing: Framing) {
    guard let end = Self.firstInvalidEnd(bytes, at: start, framing) else { return nil }
    let reader = FaultReader(bytes: (start..<end).map { bytes.byte($0) })
    verb = reader.verb
    place = end - 1 - start
    byte = bytes.byte(end - 1)
    expected = reader.expected
  }

  /// The length of the shortest beginning of `bytes` that is invalid: an error is found at its first byte, whatever
  /// follows, so all longer ones are invalid, too, and the shortest can be searched for by halves.
  private static func firstInvalidEnd(_ bytes: RawSpan, at start: Int, _ framing: Framing) -> Int? {
    func isInvalid(_ end: Int) -> Bool {
      let part = bytes.extracting(0..<end)
      if case .invalid = RequestParser.parse(part, at: start, framing: framing) { return true }
      return false
    }
    guard start < bytes.byteCount else { return nil }
    var upper = min(bytes.byteCount, start + Bounds.request + 2)
    guard isInvalid(upper) else { return nil }
    var lower = start
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if isInvalid(middle) { upper = middle } else { lower = middle }
    }
    return upper
  }
}

/// Walks through a request up to the byte that breaks it.
private struct FaultReader {
  /// The request, the last byte being the one that breaks the grammar.
  let bytes: [UInt8]
  /// The place of that byte.
  var place: Int { bytes.count - 1 }

  /// Where the letters of the verb end.
  private var verbEnd: Int {
    var index = 0
    while index < place, bytes[index].isUpperAlpha { index += 1 }
    return index
  }

  var verb: Verb? {
    let end = verbEnd
    guard end > 0 else { return nil }
    return Verb(key: bytes[..<end].reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
  }

  var expected: RequestFault.Expectation {
    let end = verbEnd
    guard let verb else { return .verb }
    if end >= Bounds.verb, bytes[place].isUpperAlpha { return .shorterVerb }
    switch verb {
    case .close, .ping, .pong: return .lineEnd
    case .bcast: return end == place ? .space : payload(at: end + 1)
    case .unknown: return end == place ? .lineEndOrSpace : payload(at: end + 1)
    case .ucast, .mcast, .subscribe, .unsubscribe, .login: break
    }
    if end == place { return .space }
    let first = idEnd(end + 1)
    if first >= place { return identifier(end + 1) }
    switch verb {
    case .ucast, .mcast: return payload(at: first + 1)
    case .subscribe: return place <= first + 8 ? .presence : .lineEnd
    case .login:
      let second = idEnd(first + 1)
      return second >= place ? identifier(first + 1) : payload(at: second + 1)
    default: return .lineEnd
    }
  }

  /// Where the ID characters from `index` on end, before the fault.
  private func idEnd(_ index: Int) -> Int {
    var end = index
    while end < place, bytes[end].isID { end += 1 }
    return end
  }

  /// The fault is in an identifier that begins at `index`, or right behind it.
  private func identifier(_ index: Int) -> RequestFault.Expectation {
    if place - index >= Bounds.id, bytes[place].isID { return .shorterIdentifier }
    if place == index { return .identifier }
    switch bytes[place] {
    // What ends a line comes too early, where a field is still to come.
    case Byte.lf, Byte.cr:
      switch verb {
      case .login: return .scheme
      case .ucast, .mcast: return .payload
      default: return .lineEnd
      }
    default: return .identifier
    }
  }

  /// The fault is in a payload that begins at `index`.
  private func payload(at index: Int) -> RequestFault.Expectation {
    if index < place, bytes[index].startsBinary { return .binaryEnd }
    return place - index < Bounds.payload ? .payload : .shorterPayload
  }
}
