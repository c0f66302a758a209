// Reading bytes out of a span.

import Glibc

extension RawSpan {
  /// The byte at `index`; traps outside the span.
  @inline(__always) func byte(_ index: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
  }

  /// The first place of `byte` in `range`, or `nil`. The range must lie inside the span.
  @inline(__always) func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    return unsafe withUnsafeBytes { buffer in
      guard !range.isEmpty, let base = buffer.baseAddress else { return nil }
      guard let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count) else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}

extension RawSpan {
  /// True when the bytes of both ranges, which lie inside the span, are the same.
  @inline(__always) func equal(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
    guard first.count == second.count else { return false }
    precondition(first.upperBound <= byteCount && second.upperBound <= byteCount)
    return unsafe withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return true }
      return unsafe equalBytes(base + first.lowerBound, base + second.lowerBound, first.count)
    }
  }
}
