// What has come and was not looked at.

import Foundation

/// Bytes that are appended at the end and taken off the front; readers in floods must keep up.
struct ReceivedText {
  private var buffer: [UInt8] = []
  private var start = 0

  var bytes: ArraySlice<UInt8> { buffer[start...] }

  mutating func append(_ piece: ArraySlice<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += piece
  }

  /// Takes the first bytes off.
  mutating func take(_ count: Int) -> [UInt8] {
    let taken = Array(bytes.prefix(count))
    start += taken.count
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      start = 0
    }
    return taken
  }

  /// The length of the first line with its LF, if it is complete.
  var lineLength: Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let end = memchr(base + start, 10, bytes.count - start) else { return nil }
      return UnsafeRawPointer(end) - base - start + 1
    }
  }
}
