// Where a request with an unknown verb ends.

extension RequestParser.Reader {
  /// `verb [ SP id ] [ SP payload ]`. The fields only determine where the request ends.
  ///
  /// The longest id that is followed by a space is the id, and what follows it is the payload; where that does not match,
  /// the whole rest is the payload (docs/protocol.md, unknown verbs).
  func compat(_ bytes: RawSpan, at index: Int) -> ParseOutcome {
    guard bytes.byte(index) == Byte.space else { return bare(bytes, at: index) }
    let rest = index + 1
    guard rest < bytes.byteCount else { return .incomplete }
    switch id(bytes, at: rest) {
    case .incomplete: return .incomplete
    case .invalid: return payload(bytes, at: rest)
    case .found(let stop):
      guard bytes.byte(stop) == Byte.space else {
        return otherwise(complete(lineEnd(bytes, at: stop), at: stop), payload(bytes, at: rest))
      }
      return otherwise(payload(bytes, at: stop + 1), payload(bytes, at: rest))
    }
  }

  /// The first reading, unless it is invalid.
  private func otherwise(_ first: ParseOutcome, _ second: @autoclosure () -> ParseOutcome) -> ParseOutcome {
    if case .invalid = first { return second() }
    return first
  }
}
