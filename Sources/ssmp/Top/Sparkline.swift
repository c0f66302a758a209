// Small charts of one line.

/// Draws values as bars of different heights, the latest at the right.
enum Sparkline {
  private static let blocks = Array(" ▁▂▃▄▅▆▇█")
  private static let signs = Array(" .:-=+*%#")

  /// The latest values in at most so many columns, from 0 to their maximum.
  ///
  /// - Parameter isUnicode: false to draw in ASCII.
  static func text(_ values: [Double], _ columns: Int, isUnicode: Bool) -> String {
    let shown = values.suffix(max(0, columns))
    let levels = isUnicode ? blocks : signs
    let largest = shown.max() ?? 0
    return String(
      shown.map { value in
        guard value > 0, largest > 0 else { return levels[0] }
        // What is not 0 can be seen.
        return levels[max(1, Int((value / largest * Double(levels.count - 1)).rounded()))]
      })
  }
}
