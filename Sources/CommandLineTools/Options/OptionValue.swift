// Values of common kinds, and what is said of those that are not accepted.

/// Reads the values of options. Every function throws an `OptionError` that names the option, the
/// value and what would be accepted.
public enum OptionValue {
  /// A whole number in `range`.
  public static func number(
    _ text: String, of name: String, in range: ClosedRange<Int>
  ) throws(OptionError) -> Int {
    guard let value = Units.digits(text), range.contains(value) else {
      throw OptionError(
        setting: name, value: text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A time in `range`, in milliseconds.
  ///
  /// - Parameter accepted: the range and examples, in words. If only the unit has another spelling,
  ///   the error suggests the value with the accepted unit instead.
  public static func milliseconds(
    _ text: String, of name: String, in range: ClosedRange<UInt64>, accepted: String
  ) throws(OptionError) -> UInt64 {
    guard let value = Units.milliseconds(text) else {
      guard let meant = Units.timeMeant(by: text) else {
        throw OptionError(setting: name, value: text, accepted: .init(accepted))
      }
      throw OptionError(setting: name, value: text, problem: "the units are ms, s, m, h and d", accepted: meant)
    }
    guard range.contains(value) else { throw OptionError(setting: name, value: text, accepted: .init(accepted)) }
    return value
  }

  /// A size in `range`, in bytes.
  public static func bytes(
    _ text: String, of name: String, in range: ClosedRange<Int>
  ) throws(OptionError) -> Int {
    if let value = Units.bytes(text), range.contains(value) { return value }
    if let meant = Units.sizeMeant(by: text), Units.bytes(meant).map(range.contains) == true {
      throw OptionError(setting: name, value: text, problem: "the units are B, KiB, MiB and GiB", accepted: meant)
    }
    let (lower, upper) = (Units.describe(bytes: range.lowerBound), Units.describe(bytes: range.upperBound))
    throw OptionError(setting: name, value: text, accepted: "a size from \(lower) to \(upper)")
  }
}
