// What messages carry.

import SSMPCore

/// The payload of a message: 1 to 1,024 bytes of text, or of anything (Grammar: `payload`; Binary payloads).
///
/// A `Payload` cannot hold what the grammar forbids: a text with an LF in it, for example, would be the beginning of a second
/// request. Payloads of events share memory with those that came in the same read, at most 4 KiB of it.
public struct Payload: @unchecked Sendable {
  // Safe to share: the bytes of a chunk that a payload refers to never change.
  private let chunk: ByteChunk
  private let start: UInt32
  /// The number of bytes as they are sent: a binary payload has two bytes of length in front.
  private let length: UInt16
  /// True if the bytes were sent with their length in front, so that they may be any (Binary payloads).
  public let isBinary: Bool

  /// The longest payload, in bytes.
  public static let longest = Bounds.payload

  /// A payload of text, which is sent as UTF-8 (Payload encoding considerations).
  ///
  /// - Throws: `SSMPError.invalid` if the text is empty, has over 1,024 bytes, has an LF, or begins with a character from U+0000
  ///   to U+0003. `Payload(binary:)` takes those.
  public init(_ text: some StringProtocol) throws(SSMPError) {
    var copy = String(text)
    // `withUTF8` rethrows any error, so the reason is carried out by hand.
    let made = copy.withUTF8 { unsafe Payload.text(UnsafeRawBufferPointer($0)) }
    self = try made.get()
  }

  /// A payload of bytes that are sent as text: as they are, without a length in front.
  ///
  /// - Throws: as `init(_:)`. The bytes need not be UTF-8.
  public init(text bytes: [UInt8]) throws(SSMPError) {
    self = try unsafe bytes.withUnsafeBytes { unsafe Payload.text($0) }.get()
  }

  /// A payload of any 1 to 1,024 bytes (Binary payloads).
  ///
  /// - Throws: `SSMPError.invalid` if there are none, or more.
  public init(binary bytes: [UInt8]) throws(SSMPError) {
    guard (1...Self.longest).contains(bytes.count) else { throw Self.wrongLength(bytes.count) }
    let prefix = UInt16(bytes.count - 1)
    let framed = [UInt8(prefix >> 8), UInt8(prefix & 0xff)] + bytes
    let chunk = unsafe framed.withUnsafeBytes { unsafe ByteChunk.make(of: $0) }
    self.init(chunk, start: 0, length: framed.count, isBinary: true)
  }

  /// A payload of these bytes: as text where the grammar allows it, binary elsewhere.
  ///
  /// - Throws: `SSMPError.invalid` if there are none, or over 1,024.
  public init(_ bytes: [UInt8]) throws(SSMPError) {
    if bytes.contains(10) || bytes.first.map({ $0 < 4 }) == true {
      try self.init(binary: bytes)
    } else {
      try self.init(text: bytes)
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> Result<Payload, SSMPError> {
    guard (1...longest).contains(bytes.count) else { return .failure(wrongLength(bytes.count)) }
    guard unsafe bytes[0] > 3 else {
      return .failure(.invalid("a text must not begin with a byte from 0 to 3; send it as a binary payload"))
    }
    guard unsafe !bytes.contains(10) else {
      return .failure(.invalid("a text must not have an LF; send it as a binary payload"))
    }
    let chunk = unsafe ByteChunk.make(of: bytes)
    return .success(Payload(chunk, start: 0, length: bytes.count, isBinary: false))
  }

  private static func wrongLength(_ count: Int) -> SSMPError {
    .invalid("a payload has 1 to \(longest) bytes, not \(count)")
  }

  /// The payload in `chunk`, with its two bytes of length if it is binary.
  @inline(__always)
  init(_ chunk: ByteChunk, start: Int, length: Int, isBinary: Bool) {
    self.chunk = chunk
    self.start = UInt32(truncatingIfNeeded: start)
    self.length = UInt16(truncatingIfNeeded: length)
    self.isBinary = isBinary
  }

  /// Where the bytes lie in the chunk as they are sent.
  private var wire: Range<Int> { Int(start)..<Int(start) + Int(length) }
  private var content: Range<Int> { (isBinary ? wire.lowerBound + 2 : wire.lowerBound)..<wire.upperBound }

  /// The number of bytes, from 1 to 1,024.
  public var count: Int { content.count }

  /// A copy of the bytes, without the length of a binary payload.
  public var bytes: [UInt8] { withBytes { bytes in (0..<bytes.byteCount).map { bytes.unsafeByte($0) } } }

  /// The bytes as text, if they are UTF-8; `nil` otherwise.
  public var text: String? { unsafe chunk.withBytes(content) { unsafe String(validating: $0, as: UTF8.self) } }

  /// Calls `body` with the bytes, which are not copied.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe chunk.withBytes(content) { bytes throws(Failure) in try body(unsafe bytes.bytes) }
  }

  /// Calls `body` with the bytes as they are sent.
  @inline(__always)
  func withWire<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { unsafe chunk.withBytes(wire, body) }
}

extension RawSpan {
  /// The byte at `index`, which lies inside the span.
  @inline(__always) func unsafeByte(_ index: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}

extension Payload: Hashable {
  /// True if both have the same bytes, and are sent in the same way.
  public static func == (left: Payload, right: Payload) -> Bool {
    guard left.length == right.length else { return false }
    return unsafe left.withWire { first in
      unsafe right.withWire { second in unsafe first.elementsEqual(second) }
    }
  }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) { unsafe withWire { unsafe hasher.combine(bytes: $0) } }
}

extension Payload: CustomStringConvertible {
  /// The bytes as text; in place of what is not UTF-8 there is U+FFFD.
  public var description: String { unsafe chunk.withBytes(content) { unsafe String(decoding: $0, as: UTF8.self) } }
}

extension Payload: ExpressibleByStringLiteral {
  /// A text that is written in the source. A literal that no payload can be is a mistake in the program, and ends it.
  public init(stringLiteral text: String) {
    do throws(SSMPError) {
      try self.init(text)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
