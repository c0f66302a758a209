// Records with stable numbers.

/// A store of plain records, each under a number that stays its own until it is removed.
///
/// Numbers are reused, the last freed first, so that a store that shrank and grew again touches no new memory. `giveBack`
/// gives back the memory of chunks in which no number is in use, and has the lowest numbers reused first.
@safe
public struct Slab<Record: BitwiseCopyable>: ~Copyable {
  @usableFromInline var records: ChunkedArray<Record>
  @usableFromInline var free = FlatArray<UInt32>()
  @usableFromInline var used = 0
  /// The numbers that were free after the last `giveBack`, or fewer if there were fewer since.
  private var settled = 0

  /// Creates an empty store; `filler` is what unused records hold.
  public init(filler: Record) {
    records = ChunkedArray(filler: filler)
  }

  /// The number of records in the store.
  @inlinable public var count: Int { used - free.count }

  /// One more than the highest number that was given, and not given back.
  @inlinable public var numbersGiven: Int { used }

  /// The record with this number, in place.
  @inlinable public subscript(number: UInt32) -> Record {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(records.address(Int(number))) }
    @inline(__always) mutating unsafeMutableAddress { unsafe records.address(Int(number)) }
  }

  /// The address of the record with this number, which never changes.
  @unsafe @inlinable public func address(_ number: UInt32) -> UnsafeMutablePointer<Record> {
    unsafe records.address(Int(number))
  }

  /// Stores a record and returns its number; O(1).
  @inlinable public mutating func insert(_ record: Record) -> UInt32 {
    let number: UInt32
    if let freed = free.popLast() {
      number = freed
    } else {
      number = UInt32(truncatingIfNeeded: used)
      used += 1
    }
    records.ensure(Int(number))
    records[Int(number)] = record
    return number
  }

  /// Frees a number; O(1).
  @inlinable public mutating func remove(_ number: UInt32) {
    free.append(number)
  }

  /// The number of chunks that there are records in, or were.
  public var chunkCount: Int { records.capacity / ChunkedArray<Record>.chunkLength }

  /// True when no number of a chunk is in use, since it was given back.
  public func isBlank(chunk: Int) -> Bool { records.isBlank(chunk: chunk) }

  /// True when so many more numbers have been freed since `giveBack` than are in use that it is worth another one.
  public mutating func hasSlack() -> Bool {
    settled = min(settled, free.count)
    return free.count - settled > 1024 && free.count > 2 * count
  }

  /// Gives back the memory of chunks in which no number is in use. Takes some nanoseconds for each free number. The
  /// caller must not write to a free record.
  public mutating func giveBack() {
    let length = ChunkedArray<Record>.chunkLength
    let chunks = (used + length - 1) / length
    // What was never given of the last chunk is as good as free.
    var unused = [Int](repeating: 0, count: chunks)
    if chunks > 0 { unused[chunks - 1] = chunks * length - used }
    for place in 0..<free.count { unused[Int(free[place]) / length] += 1 }
    let empty = unused.indices.filter { unused[$0] == length && !records.isBlank(chunk: $0) }
    // One blank chunk is needed to stand in for others.
    if empty.count > 1 || records.hasBlank { for chunk in empty { records.giveBack(chunk: chunk) } }
    var kept = chunks
    while kept > 0, unused[kept - 1] == length { kept -= 1 }
    used = min(used, kept * length)
    sortFree(by: unused, chunks: kept)
    settled = free.count
  }

  /// Forgets the free numbers from `used` on, and puts the others in the order of their chunks, so that the lowest ones
  /// are the next to be given, and a store that grows again needs few chunks.
  private mutating func sortFree(by unused: [Int], chunks: Int) {
    let length = ChunkedArray<Record>.chunkLength
    var places = [Int](repeating: 0, count: chunks)
    var total = 0
    for chunk in (0..<chunks).reversed() {
      places[chunk] = total
      // The last chunk's numbers that were never given are not in the list.
      total += chunk == chunks - 1 ? unused[chunk] - (chunks * length - used) : unused[chunk]
    }
    var sorted = FlatArray<UInt32>()
    if total > 0 {
      let target = unsafe sorted.reserve(total)
      for place in 0..<free.count {
        let number = free[place]
        guard Int(number) < used else { continue }
        let chunk = Int(number) / length
        unsafe target[places[chunk]] = number
        places[chunk] += 1
      }
      unsafe sorted.commit(total)
    }
    free = sorted
  }
}
