// Comparing a few bytes.

/// True when the `count` bytes at both addresses are the same: names are short, and a call costs more than their comparison.
@unsafe @inline(__always)
func equalBytes(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer, _ count: Int) -> Bool {
  if count >= 8 {
    var place = 0
    while place < count - 8 {
      if unsafe differ(first, second, at: place, as: UInt64.self) { return false }
      place += 8
    }
    // The last eight may overlap with those before.
    return unsafe !differ(first, second, at: count - 8, as: UInt64.self)
  }
  if count >= 4 {
    return unsafe !differ(first, second, at: 0, as: UInt32.self)
      && !differ(first, second, at: count - 4, as: UInt32.self)
  }
  for place in 0..<count where unsafe differ(first, second, at: place, as: UInt8.self) { return false }
  return true
}

@unsafe @inline(__always)
private func differ<Word: FixedWidthInteger & BitwiseCopyable>(
  _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, at place: Int, as type: Word.Type
) -> Bool {
  unsafe first.loadUnaligned(fromByteOffset: place, as: type) != second.loadUnaligned(fromByteOffset: place, as: type)
}
