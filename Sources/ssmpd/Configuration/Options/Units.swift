// Numbers with units.

/// Reading of times and sizes as an operator writes them.
enum Units {
  private static let times: [(suffix: String, milliseconds: UInt64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1000),
  ]
  private static let sizes: [(suffix: String, bytes: Int)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1),
  ]

  /// Milliseconds from `10s`, `500ms`, `2m`, `1h`, `1d`, or a number of seconds; `nil` when it is none of these.
  static func milliseconds(_ text: String) -> UInt64? {
    for (suffix, factor) in times where text.hasSuffix(suffix) {
      guard let number = digits(text.dropLast(suffix.count)) else { return nil }
      let (product, overflow) = UInt64(number).multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// Bytes from `1MiB`, `64KiB`, `1GiB`, or a number of bytes; `nil` when it is none of these.
  static func bytes(_ text: String) -> Int? {
    for (suffix, factor) in sizes where text.hasSuffix(suffix) {
      guard let number = digits(text.dropLast(suffix.count)) else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// A number of digits only: no sign, no space.
  static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int(text)
  }

  /// A time as it would be written in a setting.
  static func describe(milliseconds: UInt32) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  /// A size as it would be written in a setting.
  static func describe(bytes: Int) -> String {
    for (suffix, factor) in sizes.prefix(3).reversed() where bytes % factor == 0 && bytes > 0 {
      return "\(bytes / factor)\(suffix)"
    }
    return "\(bytes)"
  }
}
