// What a user has probably meant by a unit that is not accepted.

extension Units {
  /// Other spellings of units, in lower case, and the accepted ones.
  private static let timeNames: [String: String] = [
    "msec": "ms", "msecs": "ms", "millis": "ms", "milliseconds": "ms", "ms": "ms", "s": "s", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d",
  ]
  private static let sizeNames: [String: String] = [
    "b": "B", "byte": "B", "bytes": "B", "k": "KiB", "kb": "KiB", "ki": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB",
    "mi": "MiB", "mib": "MiB", "g": "GiB", "gb": "GiB", "gi": "GiB", "gib": "GiB",
  ]

  /// The accepted spelling of a time with another spelling of its unit (`10 sec`); `nil` for any
  /// other text.
  public static func timeMeant(by text: String) -> String? { meant(by: text, timeNames) }

  /// The same for a size (`1M`).
  public static func sizeMeant(by text: String) -> String? { meant(by: text, sizeNames) }

  private static func meant(by text: String, _ names: [String: String]) -> String? {
    guard text.utf8.count <= 32 else { return nil }
    let number = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
    guard let value = digits(number), let name = names[unit] else { return nil }
    return "\(value)\(name)"
  }
}
