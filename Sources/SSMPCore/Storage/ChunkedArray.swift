// An array that grows without moving what it holds.

import Glibc

/// An array of plain records in chunks of 512, so that growing neither copies nor moves what is there.
///
/// A contiguous array of a million records takes milliseconds to double, and whoever waits for it waits that long; here
/// growth costs one chunk. Chunks are not given back before the array ends.
///
/// Invariant: each chunk in `spine` holds `chunkLength` records, all of them initialized (to `filler`, until they are
/// written).
@safe
public struct ChunkedArray<Record: BitwiseCopyable>: ~Copyable {
  @inlinable @inline(__always) static var chunkBits: Int { 9 }
  @inlinable @inline(__always) static var chunkLength: Int { 1 << chunkBits }

  /// The address of one chunk.
  @safe @usableFromInline struct Chunk: BitwiseCopyable {
    @usableFromInline let base: UnsafeMutablePointer<Record>

    @usableFromInline init(_ base: UnsafeMutablePointer<Record>) {
      unsafe self.base = base
    }
  }

  @usableFromInline var spine = FlatArray<Chunk>()
  private let filler: Record

  /// Creates an empty array whose records will be `filler` until they are written.
  public init(filler: Record) {
    self.filler = filler
  }

  deinit {
    for index in 0..<spine.count { unsafe free(spine[index].base) }
  }

  /// The number of records that can be used without growing.
  @inlinable public var capacity: Int { spine.count << Self.chunkBits }

  /// The record at `index`, in place; traps beyond `capacity`.
  @inlinable public subscript(index: Int) -> Record {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(address(index)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe address(index) }
  }

  /// The address of the record at `index`, which never changes; traps beyond `capacity`.
  @unsafe @inlinable public func address(_ index: Int) -> UnsafeMutablePointer<Record> {
    unsafe spine[index >> Self.chunkBits].base + (index & (Self.chunkLength - 1))
  }

  /// Grows so that `index` can be used.
  @inlinable public mutating func ensure(_ index: Int) {
    while index >= capacity { addChunk() }
  }

  @usableFromInline mutating func addChunk() {
    guard let memory = unsafe malloc(Self.chunkLength * MemoryLayout<Record>.stride) else { outOfMemory() }
    let chunk = unsafe memory.bindMemory(to: Record.self, capacity: Self.chunkLength)
    unsafe chunk.initialize(repeating: filler, count: Self.chunkLength)
    unsafe spine.append(Chunk(chunk))
  }
}
