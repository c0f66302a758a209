// Finding what a set of names and prefixes says of a name.

import Containers

/// A set of names and of prefixes, which end in `/`, in which the most specific entry for a name is found by a few look-ups,
/// however many entries there are.
///
/// Entry 0 matches every name. Whatever else matches a name is found from the most specific entry up by `parent`.
struct NameTree: Sendable {
  private struct Entry {
    var start: Int
    var count: Int
    var parent = 0
  }

  private static let hash = KeyedHash(key: (0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03))
  private static let slash = UInt8(ascii: "/")

  private var text: [UInt8] = []
  private var entries = [Entry(start: 0, count: 0)]
  /// Numbers of entries, at the first free place behind that of their hash; 0 where there is none. At most half are used.
  ///
  /// Names that come from outside are looked up and never stored, so nobody can make the lists of places longer.
  private var places: [UInt32]
  /// Bit n - 1 is set when there is a name, or a prefix, of n bytes.
  private var lengths: UInt64 = 0
  private var prefixLengths: UInt64 = 0

  /// A tree of these names, each of 1 to 64 bytes; entry n + 1 is `names[n]`.
  ///
  /// - Precondition: No name is there twice.
  init(_ names: [[UInt8]]) {
    var size = 4
    while size < 2 * names.count { size *= 2 }
    places = Array(repeating: 0, count: size)
    for name in names { insert(name) }
    for number in entries.indices.dropFirst() {
      let entry = entries[number]
      entries[number].parent = unsafe longestPrefix(text.span.bytes, entry.start..<entry.start + entry.count)
    }
  }

  /// The number of entries, the one that matches everything included.
  var count: Int { entries.count }

  /// The next less specific entry that matches what this one does.
  func parent(_ entry: Int) -> Int { entries[entry].parent }

  /// The most specific entry that matches the name `bytes[range]` of 1 to 64 bytes: itself, or the longest prefix.
  func find(_ bytes: RawSpan, _ range: Range<Int>) -> Int {
    precondition(range.count >= 1 && range.count <= Bounds.id)
    if lengths >> UInt64(range.count - 1) & 1 != 0, let found = lookUp(bytes, range) { return found }
    return longestPrefix(bytes, range)
  }

  /// The longest prefix that is shorter than the name.
  private func longestPrefix(_ bytes: RawSpan, _ range: Range<Int>) -> Int {
    var rest = prefixLengths & ((1 << UInt64(range.count - 1)) - 1)
    while rest != 0 {
      let length = 64 - rest.leadingZeroBitCount
      rest &= ~(1 << UInt64(length - 1))
      let end = range.lowerBound + length
      if bytes.byte(end - 1) == Self.slash, let found = lookUp(bytes, range.lowerBound..<end) { return found }
    }
    return 0
  }

  private func lookUp(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
    let mask = places.count - 1
    var place = Int(Self.hash(bytes, range)) & mask
    while places[place] != 0 {
      let number = Int(places[place])
      let entry = entries[number]
      if entry.count == range.count,
        unsafe text.span.bytes.equal(entry.start..<entry.start + entry.count, bytes, range)
      {
        return number
      }
      place = (place + 1) & mask
    }
    return nil
  }

  private mutating func insert(_ name: [UInt8]) {
    precondition(name.count >= 1 && name.count <= Bounds.id)
    let entry = Entry(start: text.count, count: name.count)
    text += name
    let mask = places.count - 1
    var place = unsafe Int(Self.hash(text.span.bytes, entry.start..<entry.start + entry.count)) & mask
    while places[place] != 0 { place = (place + 1) & mask }
    places[place] = UInt32(entries.count)
    entries.append(entry)
    lengths |= 1 << UInt64(name.count - 1)
    if name.last == Self.slash { prefixLengths |= 1 << UInt64(name.count - 1) }
  }
}

extension RawSpan {
  /// True when the bytes of a range are those of another span's range. Both ranges must lie inside their spans.
  @inline(__always) func equal(_ range: Range<Int>, _ other: RawSpan, _ otherRange: Range<Int>) -> Bool {
    guard range.count == otherRange.count else { return false }
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    precondition(otherRange.lowerBound >= 0 && otherRange.upperBound <= other.byteCount)
    guard !range.isEmpty else { return true }
    return unsafe withUnsafeBytes { first in
      unsafe other.withUnsafeBytes { second in
        unsafe equalBytes(
          first.baseAddress.unsafelyUnwrapped + range.lowerBound,
          second.baseAddress.unsafelyUnwrapped + otherRange.lowerBound, range.count)
      }
    }
  }
}
