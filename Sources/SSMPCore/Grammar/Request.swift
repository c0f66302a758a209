// One parsed request: where its fields lie among the bytes that were read.

/// A request, as ranges of the bytes it was parsed from. Nothing is copied.
///
/// The fields are separated by single spaces, so three lengths say where all of them are.
public struct Request: BitwiseCopyable, Sendable {
  /// Where the verb begins.
  public let start: UInt32
  /// The place behind the request's LF.
  public let end: UInt32
  /// What is asked for.
  public let verb: Verb
  /// The length of the first field: an identifier or a topic; 0 where the verb has none.
  let firstLength: UInt8
  /// The length of the second field: the scheme of LOGIN; 0 elsewhere.
  let secondLength: UInt8
  let flags: UInt8

  static let hasCR: UInt8 = 1
  static let hasPresence: UInt8 = 2

  init(_ verb: Verb, start: Int, end: Int, first: Int = 0, second: Int = 0, flags: UInt8) {
    self.verb = verb
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
    firstLength = UInt8(truncatingIfNeeded: first)
    secondLength = UInt8(truncatingIfNeeded: second)
    self.flags = flags
  }

  /// True when the request ended in CR LF, in line mode, where the CR is not part of it.
  public var endsInCRLF: Bool { flags & Self.hasCR != 0 }

  /// True when a SUBSCRIBE carries the PRESENCE option.
  public var wantsPresence: Bool { flags & Self.hasPresence != 0 }

  /// The bytes of the message without its line end.
  public var line: Range<Int> { Int(start)..<Int(end) - (endsInCRLF ? 2 : 1) }

  /// The identifier or topic.
  public var id: Range<Int> {
    let from = Int(start) + verb.length + 1
    return from..<from + Int(firstLength)
  }

  /// The scheme of a LOGIN.
  public var scheme: Range<Int> {
    let from = id.upperBound + 1
    return from..<from + Int(secondLength)
  }

  /// The credential of a LOGIN, its first byte being the payload's; empty when there is none.
  public var credential: Range<Int> {
    let from = scheme.upperBound + 1
    return from < line.upperBound ? from..<line.upperBound : line.upperBound..<line.upperBound
  }
}
