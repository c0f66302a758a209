// Numbers with units.

/// Reads times and sizes as a user writes them, and writes them in the same way.
public enum Units {
  private static let times: [(suffix: String, milliseconds: UInt64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1000),
  ]
  private static let sizes: [(suffix: String, bytes: Int)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1),
  ]

  /// Milliseconds from `10s`, `500ms`, `2m`, `1h`, `1d`, or a number of seconds; `nil` for any
  /// other text.
  public static func milliseconds(_ text: String) -> UInt64? {
    for (suffix, factor) in times where text.hasSuffix(suffix) {
      guard let number = digits(text.dropLast(suffix.count)) else { return nil }
      let (product, overflow) = UInt64(number).multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// Bytes from `1MiB`, `64KiB`, `1GiB`, or a number of bytes; `nil` for any other text.
  public static func bytes(_ text: String) -> Int? {
    for (suffix, factor) in sizes where text.hasSuffix(suffix) {
      guard let number = digits(text.dropLast(suffix.count)) else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// A number of ASCII digits only, without a sign or a space; `nil` for any other text, and if it
  /// exceeds `Int.max`.
  public static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int(text)
  }

  /// A time as a user would write it: in seconds if it is a whole number of them, else in
  /// milliseconds.
  public static func describe(milliseconds: UInt32) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  /// A size as a user would write it: in the largest unit of which it is a whole number.
  public static func describe(bytes: Int) -> String {
    for (suffix, factor) in sizes.prefix(3).reversed() where bytes % factor == 0 && bytes > 0 {
      return "\(bytes / factor)\(suffix)"
    }
    return "\(bytes)"
  }
}
