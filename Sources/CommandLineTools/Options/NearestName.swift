// What a user has probably meant by a mistyped name.

/// Guesses at mistyped names.
public enum NearestName {
  /// The bytes of the longest text that can be a typing error.
  private static let longest = 64

  /// The one of `names` that is nearest to `typed`, if it is near: up to a third of its letters may
  /// be missing, added, replaced, or swapped with their neighbours, three at most and one at least.
  /// Case and leading dashes do not count. Else the only one that begins with it and goes on with
  /// another word.
  public static func to(_ typed: String, among names: [String]) -> String? {
    let wanted = Array(typed.lowercased().drop { $0 == "-" }.utf8)
    guard !wanted.isEmpty, wanted.count <= longest else { return nil }
    let near = names.map { (name: $0, distance: distance(wanted, Array($0.utf8))) }
      .filter { $0.distance <= max(1, min(3, $0.name.utf8.count / 3)) }
    if let nearest = near.min(by: { $0.distance < $1.distance }) { return nearest.name }
    let longer = names.filter { $0.utf8.starts(with: wanted + [UInt8(ascii: "-")]) }
    return longer.count == 1 ? longer[0] : nil
  }

  /// The number of letters that have to be added, removed, replaced, or swapped with the next one.
  static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, letter) in one.enumerated() {
      var next = [row + 1]
      for (column, wanted) in other.enumerated() {
        var least = min(last[column + 1] + 1, next[column] + 1, last[column] + (letter == wanted ? 0 : 1))
        if row > 0, column > 0, letter == other[column - 1], one[row - 1] == wanted {
          least = min(least, beforeLast[column - 1] + 1)
        }
        next.append(least)
      }
      beforeLast = last
      last = next
    }
    return last[other.count]
  }
}
