// The shared secret, which nothing may print.

/// The secret of the `secret` scheme: one for all identities (Shared secret).
///
/// Its descriptions never show it, and comparing takes the same time wherever the bytes differ.
public struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
  private let bytes: [UInt8]

  /// A secret of these bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The number of bytes.
  public var count: Int { bytes.count }

  /// A word in place of the secret.
  public var description: String { "<secret>" }

  /// An empty mirror, so that `dump` and debug descriptions show nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// True when `candidate[range]` is the secret. The time it takes depends on the length of the candidate only, which
  /// its sender knows.
  func matches(_ candidate: RawSpan, _ range: Range<Int>) -> Bool {
    var difference = UInt8(range.count == bytes.count ? 0 : 1)
    guard !bytes.isEmpty else { return false }
    var index = 0
    for place in range {
      difference |= candidate.byte(place) ^ bytes[index]
      index += 1
      if index == bytes.count { index = 0 }
    }
    return difference == 0
  }
}
