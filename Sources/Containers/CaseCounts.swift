// Counts by the cases of an enumeration.

/// A number for each case of an enumeration: a plain value with a place for every case there can be.
///
/// Invariant: there are as many places as a raw value has values, so no case can be beyond the end.
/// (An array with a length that is computed from the cases takes 35 instructions more for each
/// message.)
public struct CaseCounts<Key, Value>: Sendable
where Key: CaseIterable & RawRepresentable<UInt8> & Sendable, Value: FixedWidthInteger & Sendable {
  @usableFromInline var counts = InlineArray<256, Value>(repeating: 0)

  /// Counts that are all 0.
  public init() {}

  /// The number for a case.
  @inlinable public subscript(key: Key) -> Value {
    @inline(__always) get { counts[Int(key.rawValue)] }
    @inline(__always) set { counts[Int(key.rawValue)] = newValue }
  }

  /// Adds the numbers of `other`, case by case.
  public static func += (sum: inout CaseCounts, other: CaseCounts) {
    for key in Key.allCases { sum[key] += other[key] }
  }
}
