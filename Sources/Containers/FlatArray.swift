// A growable array of plain records: the one place where records that live for a turn are kept.

import Glibc

/// A growable array of plain (bitwise-copyable) elements with a single owner.
///
/// It differs from `Array` in what the path of a message needs: no reference count and no
/// uniqueness check on each write, a capacity that can be given back, and storage that keeps its
/// address until the next growth.
///
/// Invariants: `storage` holds `capacity` elements' worth of memory (`nil` exactly when `capacity` is 0), of which the
/// first `count` are initialized.
@safe
public struct FlatArray<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var storage: UnsafeMutablePointer<Element>?

  /// The number of elements.
  public private(set) var count = 0

  /// The number of elements that fit before the storage grows.
  public private(set) var capacity = 0

  /// Creates an empty array that owns no memory.
  public init() {
    unsafe storage = nil
  }

  deinit {
    unsafe free(storage)
  }

  /// True when there are no elements.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// The element at `index`; traps when there is none.
  @inlinable public subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe storage.unsafelyUnwrapped[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count)
      unsafe storage.unsafelyUnwrapped[index] = newValue
    }
  }

  /// The address of the elements, valid until the next call that may grow or release the storage.
  @unsafe @inlinable public var base: UnsafeMutablePointer<Element>? { unsafe storage }

  /// The last element; traps when the array is empty.
  @inlinable public var last: Element {
    get { self[count - 1] }
    set { self[count - 1] = newValue }
  }

  /// Adds an element; amortized O(1).
  @inlinable public mutating func append(_ element: Element) {
    if count == capacity { grow(toFit: count + 1) }
    unsafe storage.unsafelyUnwrapped[count] = element
    advance(by: 1)
  }

  /// Makes room for `extra` more elements and returns where they go; `commit` then says how many were written.
  @unsafe @inlinable public mutating func reserve(_ extra: Int) -> UnsafeMutablePointer<Element> {
    if count + extra > capacity { grow(toFit: count + extra) }
    return unsafe storage.unsafelyUnwrapped + count
  }

  /// Counts `written` elements, which were stored at the address that `reserve` returned.
  @unsafe @inlinable public mutating func commit(_ written: Int) {
    precondition(count + written <= capacity)
    advance(by: written)
  }

  /// Takes the last element off; `nil` when there is none.
  @inlinable public mutating func popLast() -> Element? {
    guard count > 0 else { return nil }
    let element = last
    advance(by: -1)
    return element
  }

  /// Removes the first `number` elements, which takes as long as moving the others.
  public mutating func removeFirst(_ number: Int) {
    precondition(number >= 0 && number <= count)
    guard let base = unsafe storage, number > 0 else { return }
    unsafe memmove(base, base + number, (count - number) * MemoryLayout<Element>.stride)
    advance(by: -number)
  }

  /// Removes all elements. The storage is kept unless it is larger than `limit` elements: a burst must not pin memory.
  public mutating func removeAll(keepingCapacityUpTo limit: Int = .max) {
    count = 0
    if capacity > limit {
      unsafe free(storage)
      unsafe storage = nil
      capacity = 0
    }
  }

  @usableFromInline mutating func advance(by elements: Int) {
    count += elements
  }

  @usableFromInline @inline(never) mutating func grow(toFit wanted: Int) {
    var larger = max(capacity * 2, 16)
    while larger < wanted { larger *= 2 }
    guard let moved = unsafe realloc(storage, larger * MemoryLayout<Element>.stride) else { outOfMemory() }
    unsafe storage = moved.bindMemory(to: Element.self, capacity: larger)
    capacity = larger
  }
}
