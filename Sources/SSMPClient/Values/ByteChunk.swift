// Memory that payloads share.

/// Bytes that never change once they are shared: one allocation for the payloads of up to four kilobytes of input.
///
/// Invariant: each byte is written once, before any payload refers to it.
final class ByteChunk: ManagedBuffer<Int, UInt8> {
  /// A chunk with room for `capacity` bytes, none of them in use.
  static func make(capacity: Int) -> ByteChunk {
    unsafe unsafeDowncast(ByteChunk.create(minimumCapacity: capacity) { _ in 0 }, to: ByteChunk.self)
  }

  /// A chunk of these bytes.
  static func make(of bytes: UnsafeRawBufferPointer) -> ByteChunk {
    let chunk = make(capacity: bytes.count)
    _ = unsafe chunk.append(bytes)
    return chunk
  }

  /// Adds bytes behind those in use, and returns where they begin. There must be room for them.
  @inline(__always)
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe withUnsafeMutablePointers { used, memory in
      let start = unsafe used.pointee
      if let base = bytes.baseAddress {
        unsafe UnsafeMutableRawPointer(memory + start).copyMemory(from: base, byteCount: bytes.count)
      }
      unsafe used.pointee = start + bytes.count
      return start
    }
  }

  /// The number of bytes in use.
  var used: Int { header }

  /// Calls `body` with the bytes in `range`, which are in use.
  @inline(__always)
  func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let memory = unsafe withUnsafeMutablePointerToElements { unsafe $0 }
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeRawBufferPointer(start: memory + range.lowerBound, count: range.count))
  }
}

/// Fills chunks with the payloads of one read.
struct ChunkFiller {
  private var chunk: ByteChunk?
  private var room = 0
  /// The largest chunk: a payload that a program keeps for long keeps no more than that.
  private static let size = 4096

  /// Copies a payload into a chunk.
  ///
  /// - Parameter remaining: how many bytes of input are left, the payload included: no chunk is made larger.
  @inline(__always)
  mutating func add(_ bytes: UnsafeRawBufferPointer, remaining: Int) -> (chunk: ByteChunk, start: Int) {
    if let chunk, room >= bytes.count {
      room -= bytes.count
      return (chunk, unsafe chunk.append(bytes))
    }
    let capacity = max(bytes.count, min(Self.size, remaining))
    let made = ByteChunk.make(capacity: capacity)
    chunk = made
    room = capacity - bytes.count
    return (made, unsafe made.append(bytes))
  }
}
