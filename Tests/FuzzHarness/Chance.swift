// Random numbers that repeat.

/// A generator of random numbers that gives the same ones for the same seed (SplitMix64).
public struct Chance: RandomNumberGenerator {
  private var state: UInt64

  /// A generator that begins at `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  /// A number below `limit`.
  public mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  /// True once in `times`.
  public mutating func once(in times: Int) -> Bool { below(times) == 0 }

  /// One of the elements of `list`, which has some.
  public mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}
