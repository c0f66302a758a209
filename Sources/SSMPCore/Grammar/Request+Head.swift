// Which part of a message is its payload, for output that shows messages without it.

extension Request {
  /// The payload with the two bytes of length of a binary one; of LOGIN the credential; empty where there is none.
  public var payload: Range<Int> {
    let none = line.upperBound..<line.upperBound
    switch verb {
    case .login: return credential
    case .ucast, .mcast: return min(id.upperBound + 1, line.upperBound)..<line.upperBound
    case .bcast: return min(Int(start) + verb.length + 1, line.upperBound)..<line.upperBound
    case .close, .ping, .pong, .subscribe, .unsubscribe, .unknown: return none
    }
  }

  /// The bytes before the payload and its space; if there is no payload, the whole line.
  ///
  /// Of an unknown verb it is the verb alone, because the server does not know what the rest is. Of
  /// LOGIN with an unknown scheme it is what comes before the scheme, because the scheme may be a
  /// credential in the wrong place.
  public func head(_ bytes: RawSpan) -> Range<Int> {
    if verb == .unknown {
      let limit = min(line.upperBound, line.lowerBound + Bounds.verb)
      let end = bytes.firstIndex(of: Byte.space, in: line.lowerBound..<limit)
      return line.lowerBound..<(end ?? limit)
    }
    if verb == .login, Scheme(bytes, scheme) == nil { return line.lowerBound..<id.upperBound }
    return line.lowerBound..<(payload.isEmpty ? line.upperBound : payload.lowerBound - 1)
  }
}

extension Message {
  /// What stands before the payload and its space, or the whole line.
  public var head: Range<Int> {
    line.lowerBound..<(payload.isEmpty ? line.upperBound : payload.lowerBound - 1)
  }
}
