// An array that grows without moving what it holds.

import Glibc

/// An array of plain records in chunks of 512, so that growing neither copies nor moves what is there.
///
/// To double a contiguous array of a million records takes milliseconds, and every thread that
/// needs the array waits for that. Here growth costs one chunk. A chunk with no record in use can
/// be given back. One blank chunk stands in for all chunks that were given back, so any record
/// below `capacity` can be read at any time, without a check.
///
/// Invariants: each chunk in `spine` holds `chunkLength` records, all of them initialized (to
/// `filler`, until they are written). The records of the blank chunk are never written: before code
/// uses a record again, it calls `ensure` for it.
@safe
public struct ChunkedArray<Record: BitwiseCopyable>: ~Copyable {
  @inlinable @inline(__always) static var chunkBits: Int { 9 }
  /// The number of records in a chunk.
  @inlinable @inline(__always) public static var chunkLength: Int { 1 << chunkBits }

  /// The address of one chunk.
  @safe @usableFromInline struct Chunk: BitwiseCopyable {
    @usableFromInline let base: UnsafeMutablePointer<Record>

    @usableFromInline init(_ base: UnsafeMutablePointer<Record>) {
      unsafe self.base = base
    }
  }

  @usableFromInline var spine = FlatArray<Chunk>()
  private let filler: Record
  /// What stands in for the chunks that were given back; `nil` until there are any.
  @usableFromInline var blank: UnsafeMutablePointer<Record>?

  /// Creates an empty array. Its records are `filler` until they are written.
  public init(filler: Record) {
    self.filler = filler
    unsafe blank = nil
  }

  deinit {
    for index in 0..<spine.count where unsafe spine[index].base != blank { unsafe free(spine[index].base) }
    unsafe free(blank)
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

  /// Grows so that `index` can be used, or brings its chunk back.
  @inlinable public mutating func ensure(_ index: Int) {
    while index >= capacity { addChunk() }
    if unsafe spine[index >> Self.chunkBits].base == blank { bringBack(index >> Self.chunkBits) }
  }

  /// The number of chunks that have memory of their own.
  public var chunksHeld: Int { (0..<spine.count).count { !isBlank(chunk: $0) } }

  /// True when some chunk was given back, so that giving back others costs nothing.
  public var hasBlank: Bool { unsafe blank != nil }

  /// True when the records of a chunk are all as they were at first, since it was given back.
  public func isBlank(chunk: Int) -> Bool { unsafe spine[chunk].base == blank }

  /// Gives back a chunk with no record in use. Its records are then as they were at first.
  public mutating func giveBack(chunk: Int) {
    guard !isBlank(chunk: chunk) else { return }
    if unsafe blank == nil { unsafe blank = makeChunk() }
    unsafe free(spine[chunk].base)
    unsafe spine[chunk] = Chunk(blank.unsafelyUnwrapped)
  }

  /// Gives back all chunks that hold no record below `index`.
  public mutating func giveBackFrom(_ index: Int) {
    let first = (index + Self.chunkLength - 1) >> Self.chunkBits
    guard spine.count - first > 1 || hasBlank && spine.count > first else { return }
    for chunk in first..<spine.count { giveBack(chunk: chunk) }
  }

  @usableFromInline @inline(never) mutating func bringBack(_ chunk: Int) {
    unsafe spine[chunk] = Chunk(makeChunk())
  }

  @usableFromInline mutating func addChunk() {
    unsafe spine.append(Chunk(makeChunk()))
  }

  private func makeChunk() -> UnsafeMutablePointer<Record> {
    guard let memory = unsafe malloc(Self.chunkLength * MemoryLayout<Record>.stride) else { outOfMemory() }
    let chunk = unsafe memory.bindMemory(to: Record.self, capacity: Self.chunkLength)
    unsafe chunk.initialize(repeating: filler, count: Self.chunkLength)
    return unsafe chunk
  }
}
