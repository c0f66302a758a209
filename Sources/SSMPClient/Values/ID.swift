// Identifiers and topics.

import SSMPCore

/// The identifier of a client, or a topic: 1 to 64 bytes, each a letter, a digit, or one of `. : @ / _ - + = ~` (Grammar: `id`).
///
/// An `ID` cannot hold bytes that the grammar forbids, so a request that is made with it is always one request. The bytes
/// lie inside the value: to copy, to compare and to hash an `ID` allocates nothing.
public struct ID: Sendable {
  /// The bytes, zero behind `count`.
  private var words: InlineArray<8, UInt64>
  /// The number of bytes, from 1 to 64.
  private let length: UInt8

  /// The longest identifier, in bytes.
  public static let longest = Bounds.id

  /// The identifier of anonymous clients, `.` (Anonymous connections).
  public static let anonymous: ID = "."

  /// An identifier of these characters.
  ///
  /// - Throws: `SSMPError.invalid` if the text is empty, has over 64 characters, or has one that the grammar forbids.
  public init(_ text: some StringProtocol) throws(SSMPError) {
    guard let id = ID(valid: text) else {
      throw .invalid("'\(text.prefix(80))' is no identifier: give 1 to 64 letters, digits and . : @ / _ - + = ~")
    }
    self = id
  }

  /// The identifier of these characters, or `nil` if the grammar forbids them.
  init?(valid text: some StringProtocol) {
    var copy = String(text)
    let made = copy.withUTF8 { bytes -> ID? in
      guard ClientGrammar.isID(unsafe bytes.span.bytes) else { return nil }
      return ID(validated: unsafe bytes.span.bytes, 0..<bytes.count)
    }
    guard let made else { return nil }
    self = made
  }

  /// The identifier in `range`, which has been found valid. The range lies inside `bytes` and has 1 to 64 bytes.
  @inline(__always)
  init(validated bytes: RawSpan, _ range: Range<Int>) {
    precondition(range.count > 0 && range.count <= Self.longest && range.upperBound <= bytes.byteCount)
    words = .init(repeating: 0)
    length = UInt8(truncatingIfNeeded: range.count)
    let whole = range.count / 8
    for index in 0..<whole {
      words[index] = unsafe bytes.unsafeLoadUnaligned(
        fromByteOffset: range.lowerBound + index * 8, as: UInt64.self)
    }
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    for index in range.lowerBound + whole * 8..<range.upperBound {
      rest |= UInt64(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) << shift
      shift += 8
    }
    if whole < 8 { words[whole] = UInt64(littleEndian: rest) }
  }

  /// The number of bytes, from 1 to 64.
  public var count: Int { Int(length) }

  /// Calls `body` with the bytes.
  func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
    // All bytes of the words have a value.
    try body(unsafe words.span.bytes.extracting(0..<count))
  }

  private var usedWords: Int { (count + 7) / 8 }
}

extension ID: Hashable {
  /// True if both have the same bytes.
  @inline(__always)
  public static func == (left: ID, right: ID) -> Bool {
    guard left.length == right.length else { return false }
    for index in 0..<left.usedWords where left.words[index] != right.words[index] { return false }
    return true
  }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) {
    for index in 0..<usedWords { hasher.combine(words[index]) }
  }
}

extension ID: Comparable {
  /// In the order of the bytes.
  public static func < (left: ID, right: ID) -> Bool {
    for index in 0..<8 where left.words[index] != right.words[index] {
      return left.words[index].bigEndian < right.words[index].bigEndian
    }
    return left.length < right.length
  }
}

extension ID: CustomStringConvertible {
  /// The characters.
  public var description: String {
    withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
  }
}

extension ID: ExpressibleByStringLiteral {
  /// An identifier that is written in the source. A literal that the grammar forbids is a mistake in the program, and ends it.
  public init(stringLiteral text: StaticString) {
    guard let id = ID(valid: "\(text)") else { preconditionFailure("'\(text)' is no identifier of SSMP") }
    self = id
  }
}

extension ID: Codable {
  /// Reads the text; throws if it is no identifier.
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
