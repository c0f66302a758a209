// Identifiers and topic names, stored in the space they need.

import Containers
import Glibc

/// Where a name is kept: two bits of size class, thirty of number.
struct NameReference: BitwiseCopyable, Equatable {
  var raw: UInt32
  var length: UInt8

  static let empty = NameReference(raw: 0, length: 0)
}

/// A store of names of 1 to 64 bytes in blocks of 16, 32 or 64, without a header or a separate allocation for each.
///
/// Invariant: a reference is used only between the `insert` that returned it and its `remove`.
@safe
struct NameTable: ~Copyable {
  private var short = Slab<InlineArray<2, UInt64>>(filler: .init(repeating: 0))
  private var middle = Slab<InlineArray<4, UInt64>>(filler: .init(repeating: 0))
  private var long = Slab<InlineArray<8, UInt64>>(filler: .init(repeating: 0))

  /// The number of names.
  var count: Int { short.count + middle.count + long.count }

  /// Stores the name `bytes[range]` (1 to 64 bytes).
  mutating func insert(_ bytes: RawSpan, _ range: Range<Int>) -> NameReference {
    precondition(range.count >= 1 && range.count <= 64)
    let raw: UInt32
    switch range.count {
    case ...16: raw = short.insert(.init(repeating: 0))
    case ...32: raw = middle.insert(.init(repeating: 0)) | 1 << 30
    default: raw = long.insert(.init(repeating: 0)) | 2 << 30
    }
    let name = NameReference(raw: raw, length: UInt8(range.count))
    unsafe bytes.withUnsafeBytes { source in
      let copied = unsafe UnsafeRawBufferPointer(rebasing: source[range])
      unsafe UnsafeMutableRawPointer(mutating: address(name)).copyMemory(
        from: copied.baseAddress.unsafelyUnwrapped, byteCount: copied.count)
    }
    return name
  }

  /// Frees the space of a name.
  mutating func remove(_ name: NameReference) {
    let number = name.raw & 0x3fff_ffff
    switch name.raw >> 30 {
    case 0: short.remove(number)
    case 1: middle.remove(number)
    default: long.remove(number)
    }
  }

  /// True when it is worth giving memory back.
  mutating func hasSlack() -> Bool { short.hasSlack() || middle.hasSlack() || long.hasSlack() }

  /// Gives back the memory of names that are gone.
  mutating func giveBack() {
    short.giveBack()
    middle.giveBack()
    long.giveBack()
  }

  /// The address of the name's `length` bytes, valid until it is removed.
  @unsafe @inline(__always) func address(_ name: NameReference) -> UnsafeRawPointer {
    let number = name.raw & 0x3fff_ffff
    switch name.raw >> 30 {
    case 0: return unsafe UnsafeRawPointer(short.address(number))
    case 1: return unsafe UnsafeRawPointer(middle.address(number))
    default: return unsafe UnsafeRawPointer(long.address(number))
    }
  }

  /// The name's bytes in place, valid until it is removed; none of the empty reference.
  @unsafe @inline(__always) func buffer(_ name: NameReference) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: name.length > 0 ? address(name) : nil, count: Int(name.length))
  }

  /// True when the name equals `bytes[range]`, byte for byte.
  @inline(__always) func matches(_ name: NameReference, _ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    guard Int(name.length) == range.count else { return false }
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount)
    return unsafe bytes.withUnsafeBytes { source in
      unsafe equalBytes(source.baseAddress.unsafelyUnwrapped + range.lowerBound, address(name), range.count)
    }
  }

  /// A copy of the name's bytes, for logs and listings.
  func bytes(of name: NameReference) -> [UInt8] {
    unsafe Array(buffer(name))
  }
}
