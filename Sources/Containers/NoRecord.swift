// What links between records hold where there is none.

extension UInt32 {
  /// The number that stands for "no record" in links between records.
  @inlinable @inline(__always) public static var none: UInt32 { .max }
}
