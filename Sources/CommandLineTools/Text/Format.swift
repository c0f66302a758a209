// Figures as a report shows them.

/// Text for measured figures.
public enum Format {
  /// A number with this many decimals, rounded; `-` if it is infinite or no number.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "-" }
    let factor = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(value) * factor).rounded()
    let digits = String(UInt64(min(scaled, 1e18)))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// A number rounded to a whole one, its digits in groups of three: 1,234,567.
  public static func number(_ value: Double) -> String {
    let digits = Array(fixed(value, 0))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, digits[index - 1] != "-", (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A time in µs, ms or s, whichever suits it.
  public static func time(nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds)
    switch nanoseconds {
    case ..<10_000: return fixed(value / 1000, 2) + " µs"
    case ..<1_000_000: return fixed(value / 1000, 0) + " µs"
    case ..<1_000_000_000: return fixed(value / 1e6, 2) + " ms"
    default: return fixed(value / 1e9, 2) + " s"
    }
  }
}
