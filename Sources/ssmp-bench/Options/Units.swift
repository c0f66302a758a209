// Numbers with units.

/// Reading of numbers and times as they are written in options.
enum Units {
  private static let times: [(suffix: String, milliseconds: UInt64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
  ]

  /// Milliseconds from `10s`, `500ms`, `2m`, `1h`, or a number of seconds; `nil` when it is none of these.
  static func milliseconds(_ text: String) -> UInt64? {
    for (suffix, factor) in times where text.hasSuffix(suffix) {
      guard let number = digits(text.dropLast(suffix.count)) else { return nil }
      let (product, overflow) = UInt64(number).multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// A number of digits only: no sign, no space.
  static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int(text)
  }
}
