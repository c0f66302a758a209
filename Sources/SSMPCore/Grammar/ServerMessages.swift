// Where what the server sends may be cut.

/// The messages of the server as a stream of bytes (Responses; Events).
public enum ServerMessages {
  /// The length of the most whole messages at the beginning of `bytes` that fit into `limit` bytes; `limit` where none do.
  ///
  /// Looks backwards from the limit for a line end that the beginning of a message follows. Content of a binary payload can
  /// look like that, and then the cut is inside that message, but at least four bytes before its end: those clients that
  /// cannot bear a cut cannot bear it just before the end.
  public static func wholeMessages(_ bytes: RawSpan, limit: Int) -> Int {
    guard bytes.byteCount > limit else { return bytes.byteCount }
    var end = limit
    // The message that is cut by the limit has begun by then.
    let least = max(0, limit - Bounds.event)
    while end > least {
      if bytes.byte(end - 1) == Byte.lf, beginsMessage(bytes, at: end) { return end }
      end -= 1
    }
    return limit
  }

  /// True when three digits follow, and a space or a line end.
  private static func beginsMessage(_ bytes: RawSpan, at place: Int) -> Bool {
    guard place + 4 <= bytes.byteCount else { return false }
    for offset in 0..<3 where bytes.byte(place + offset) &- 48 > 9 { return false }
    let next = bytes.byte(place + 3)
    return next == Byte.space || next == Byte.lf
  }
}
