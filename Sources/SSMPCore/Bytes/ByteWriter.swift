// Writing bytes one after the other.

import Glibc

/// A place in memory that moves forward as bytes are written.
///
/// Invariant: the code that creates a writer has reserved room for all bytes that will be written.
@unsafe struct ByteWriter {
  private var place: UnsafeMutableRawPointer

  init(_ start: UnsafeMutableRawPointer) {
    unsafe place = start
  }

  @inline(__always) mutating func write(_ source: UnsafeRawPointer, _ count: Int) {
    unsafe memcpy(place, source, count)
    unsafe place += count
  }

  @inline(__always) mutating func write(_ text: StaticString) {
    unsafe write(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
  }

  @inline(__always) mutating func write(_ word: UInt32) {
    unsafe place.storeBytes(of: word, as: UInt32.self)
    unsafe place += 4
  }
}
