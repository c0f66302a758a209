// A fixed number of non-copyable elements.

/// A fixed number of elements, which may be non-copyable, used in place.
///
/// Invariant: `storage` holds exactly `count` initialized elements for as long as the array lives.
@safe
public struct FixedArray<Element: ~Copyable>: ~Copyable {
  @usableFromInline let storage: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int

  /// Creates an array of `count` elements, each made by `element`, which is given its index.
  public init(count: Int, _ element: (Int) -> Element) {
    self.count = count
    unsafe storage = .allocate(capacity: count)
    for index in 0..<count { unsafe (storage + index).initialize(to: element(index)) }
  }

  deinit {
    unsafe storage.deinitialize(count: count)
    unsafe storage.deallocate()
  }

  /// The element at `index`, in place; traps when there is none.
  @inlinable public subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(address(index)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe address(index) }
  }

  /// The address of the element at `index`, which never changes; traps when there is none.
  @unsafe @inlinable @inline(__always) public func address(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(index >= 0 && index < count)
    return unsafe storage + index
  }
}
