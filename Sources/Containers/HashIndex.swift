// A hash table that never stops the world to grow.

/// A multimap from 32-bit hashes to 32-bit values by linear hashing: each insertion may split one bucket, and no
/// operation ever rebuilds the table, however large it is.
///
/// The caller compares candidates itself, since only it knows what a value stands for:
///
///     var cursor = index.first(hash)
///     while let value = index.next(&cursor, hash) { if matches(value) { … } }
///
/// With a hash that spreads, a lookup looks at one or two nodes.
public struct HashIndex: ~Copyable {
  @usableFromInline struct Node: BitwiseCopyable {
    @usableFromInline var hash: UInt32 = 0
    @usableFromInline var value: UInt32 = 0
    @usableFromInline var next: UInt32 = .none
  }

  @usableFromInline var nodes = Slab<Node>(filler: Node())
  @usableFromInline var buckets = ChunkedArray<UInt32>(filler: .none)
  /// Buckets below `split` use one bit of the hash more than those from `split` on.
  @usableFromInline var split: UInt32 = 0
  @usableFromInline var mask: UInt32 = 15
  /// True while the buckets are being merged.
  private var isContracting = false

  /// Creates an empty index.
  public init() {
    buckets.ensure(15)
  }

  /// The number of values.
  public var count: Int { nodes.count }

  /// Where a search for `hash` begins.
  @inlinable @inline(__always) public func first(_ hash: UInt32) -> UInt32 {
    buckets[bucket(of: hash)]
  }

  /// The next value stored under `hash`, or `nil` when there are no more.
  @inlinable @inline(__always) public func next(_ cursor: inout UInt32, _ hash: UInt32) -> UInt32? {
    while cursor != .none {
      let node = nodes[cursor]
      cursor = node.next
      if node.hash == hash { return node.value }
    }
    return nil
  }

  /// Stores `value` under `hash`; O(1).
  public mutating func insert(_ hash: UInt32, _ value: UInt32) {
    let home = bucket(of: hash)
    buckets[home] = nodes.insert(Node(hash: hash, value: value, next: buckets[home]))
    if nodes.count > Int(mask) + 1 + Int(split) { splitOne() }
  }

  /// Removes `value`, which is stored under `hash`; O(1).
  public mutating func remove(_ hash: UInt32, _ value: UInt32) {
    let home = bucket(of: hash)
    var previous = UInt32.none
    var number = buckets[home]
    while number != .none {
      let node = nodes[number]
      if node.hash == hash && node.value == value {
        if previous == .none { buckets[home] = node.next } else { nodes[previous].next = node.next }
        nodes.remove(number)
        return
      }
      previous = number
      number = node.next
    }
    preconditionFailure("a value that is not in the index")
  }

  /// The number of buckets.
  private var bucketCount: Int { Int(mask) + 1 + Int(split) }

  /// True when there is so much more memory than values need that it is worth giving some back.
  public mutating func hasSlack() -> Bool { nodes.hasSlack() || isWide }

  private var isWide: Bool { bucketCount > 4096 && bucketCount > 4 * nodes.count }

  /// Gives back memory that values do not need any more; false when there is more to be done.
  ///
  /// - Parameter steps: the most buckets that are merged, some of them with a cache miss.
  public mutating func giveBack(steps: Int) -> Bool {
    var steps = steps
    if isWide || isContracting {
      isContracting = true
      while bucketCount > max(16, 2 * nodes.count) {
        guard steps > 0 else { return false }
        steps -= 1
        mergeOne()
      }
      isContracting = false
      buckets.giveBackFrom(bucketCount)
    }
    nodes.giveBack()
    return true
  }

  /// Undoes what `splitOne` has done last.
  private mutating func mergeOne() {
    if split == 0 {
      mask >>= 1
      split = mask + 1
    }
    split -= 1
    let upper = Int(split + mask + 1)
    var last = UInt32.none
    var number = buckets[upper]
    while number != .none {
      last = number
      number = nodes[number].next
    }
    guard last != .none else { return }
    nodes[last].next = buckets[Int(split)]
    buckets[Int(split)] = buckets[upper]
    buckets[upper] = .none
  }

  @inlinable @inline(__always) func bucket(of hash: UInt32) -> Int {
    let place = hash & mask
    return Int(place < split ? hash & (mask << 1 | 1) : place)
  }

  /// Moves the half of bucket `split` that belongs there into the new bucket at the end.
  private mutating func splitOne() {
    let bit = mask + 1
    let upper = split + bit
    buckets.ensure(Int(upper))
    var number = buckets[Int(split)]
    var low = UInt32.none
    var high = UInt32.none
    while number != .none {
      let next = nodes[number].next
      if nodes[number].hash & bit == 0 {
        nodes[number].next = low
        low = number
      } else {
        nodes[number].next = high
        high = number
      }
      number = next
    }
    buckets[Int(split)] = low
    buckets[Int(upper)] = high
    split += 1
    if split == bit {
      mask = mask << 1 | 1
      split = 0
    }
  }
}
