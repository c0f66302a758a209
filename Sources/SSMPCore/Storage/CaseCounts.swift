// Counts by the cases of an enumeration.

/// A number for each case of an enumeration: a plain value with a place for every case there is.
///
/// Invariant: every raw value is below `capacity`. A new case cannot be forgotten: it has its place, and an enumeration that
/// outgrows them all ends the process when the first of its counts is made, in every test.
public struct CaseCounts<Key, Value>: Sendable
where Key: CaseIterable & RawRepresentable<UInt8> & Sendable, Value: FixedWidthInteger & Sendable {
  @usableFromInline static var capacity: Int { 32 }

  @usableFromInline var counts = InlineArray<32, Value>(repeating: 0)

  /// Counts that are all 0.
  public init() {
    precondition(Key.allCases.allSatisfy { Int($0.rawValue) < Self.capacity }, "\(Key.self) has too many cases")
  }

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
