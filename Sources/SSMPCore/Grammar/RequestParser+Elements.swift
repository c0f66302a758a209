// The elements that requests are made of.

extension RequestParser.Reader {
  /// `SP id`: found when one to 64 ID characters are followed by a byte that is none, which is left to the caller.
  @inline(__always) func spaceAndID(_ bytes: RawSpan, at index: Int) -> RequestParser.Element {
    // Callers stop at a byte that exists: the one that ended the element before.
    guard bytes.byte(index) == Byte.space else { return .invalid }
    return id(bytes, at: index + 1)
  }

  /// `id`, as above, without the space.
  @inline(__always) func id(_ bytes: RawSpan, at index: Int) -> RequestParser.Element {
    let length = IDScan.length(bytes, at: index)
    guard length <= Bounds.id else { return .invalid }
    guard index + length < bytes.byteCount else { return .incomplete }
    return length > 0 ? .found(stop: index + length) : .invalid
  }

  /// `LF`, or CR LF where that ends a line.
  @inline(__always) func lineEnd(_ bytes: RawSpan, at index: Int) -> RequestParser.Element {
    let count = bytes.byteCount
    guard index < count else { return .incomplete }
    if bytes.byte(index) == Byte.lf { return .found(stop: index + 1) }
    guard framing.dropsCR, bytes.byte(index) == Byte.cr else { return .invalid }
    guard index + 1 < count else { return .incomplete }
    return bytes.byte(index + 1) == Byte.lf ? .found(stop: index + 2) : .invalid
  }

  /// A text payload of 1 to 1,024 bytes, up to its line end.
  @inline(__always) func textPayload(_ bytes: RawSpan, at index: Int) -> RequestParser.Element {
    let available = bytes.byteCount - index
    let longest = Bounds.payload + (framing.dropsCR ? 1 : 0)
    if let lf = bytes.firstIndex(of: Byte.lf, in: index..<index + min(available, longest + 1)) {
      let stop = framing.dropsCR && lf > index && bytes.byte(lf - 1) == Byte.cr ? lf - 1 : lf
      return stop > index && stop - index <= Bounds.payload ? .found(stop: stop) : .invalid
    }
    if available <= Bounds.payload { return .incomplete }
    // One byte more than a payload may have can only be the CR of a line end.
    let canEndInCR = framing.dropsCR && available == longest && bytes.byte(index + Bounds.payload) == Byte.cr
    return canEndInCR ? .incomplete : .invalid
  }

  /// A binary payload and the LF behind it (Binary payloads): two bytes of length, big-endian and one less than the
  /// number of bytes that follow. Its content may hold any byte, so no CR is dropped behind it.
  @inline(__always) func binaryPayload(_ bytes: RawSpan, at index: Int) -> RequestParser.Element {
    guard index + 1 < bytes.byteCount else { return .incomplete }
    let length = (Int(bytes.byte(index)) << 8 | Int(bytes.byte(index + 1))) + 1
    let end = index + 2 + length
    guard end < bytes.byteCount else { return .incomplete }
    return bytes.byte(end) == Byte.lf ? .found(stop: end + 1) : .invalid
  }
}
