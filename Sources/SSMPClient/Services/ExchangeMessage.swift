// Requests and answers between clients, as text.

/// A message of the conventions for requests and answers between clients (docs/services.md):
///
///     ?TAG VERB [ARGUMENT]     a request
///     +TAG [TEXT]              a part of an answer
///     !TAG CODE [TEXT]         the answer
///
/// In a binary payload any bytes may follow behind an LF.
package struct ExchangeMessage: Equatable {
  package enum Kind: Equatable {
    case request(verb: String)
    case part
    case answer(code: Int)
  }

  package let kind: Kind
  package let tag: ID
  /// What follows in the line; empty if nothing does.
  package let text: String
  /// What follows behind the line; `nil` if the payload is a text.
  package let bytes: [UInt8]?

  /// The lengths that a tag may have, in bytes.
  static let tagLengths = 8...22

  init(_ kind: Kind, _ tag: ID, text: String = "", bytes: [UInt8]? = nil) {
    self.kind = kind
    self.tag = tag
    self.text = text
    self.bytes = bytes
  }

  /// A new tag, which nothing can guess.
  static func newTag() -> ID {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<16).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
    guard let tag = ID(valid: String(decoding: bytes, as: UTF8.self)) else { preconditionFailure("letters are valid") }
    return tag
  }

  /// True if a payload may be such a message: what it begins with, at no cost.
  @inline(__always)
  static func mayBe(_ payload: Payload) -> Bool {
    payload.withBytes { bytes in
      switch bytes.unsafeByte(0) {
      case UInt8(ascii: "?"), UInt8(ascii: "+"), UInt8(ascii: "!"): true
      default: false
      }
    }
  }

  /// The message that a payload is; `nil` if it is none.
  package init?(_ payload: Payload) {
    let content = payload.bytes
    var line = content[...]
    var rest: [UInt8]?
    if payload.isBinary {
      guard let end = content.firstIndex(of: 10) else { return nil }
      line = content[..<end]
      rest = Array(content[(end + 1)...])
    }
    let words = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
    guard let mark = words[0].first, let tag = ID(valid: String(decoding: words[0].dropFirst(), as: UTF8.self)),
      Self.tagLengths.contains(tag.count)
    else { return nil }
    func text(from word: Int) -> String? {
      guard words.count > word else { return "" }
      return String(validating: words[word...].joined(separator: [32]), as: UTF8.self)
    }
    switch mark {
    case UInt8(ascii: "+"):
      guard let text = text(from: 1) else { return nil }
      self.init(.part, tag, text: text, bytes: rest)
    case UInt8(ascii: "!"):
      guard words.count > 1, words[1].count == 3, words[1].allSatisfy({ (48...57).contains($0) }),
        let code = Int(String(decoding: words[1], as: UTF8.self)), let text = text(from: 2)
      else { return nil }
      self.init(.answer(code: code), tag, text: text, bytes: rest)
    case UInt8(ascii: "?"):
      guard words.count > 1, let verb = ID(valid: String(decoding: words[1], as: UTF8.self)), let text = text(from: 2)
      else { return nil }
      self.init(.request(verb: verb.description), tag, text: text, bytes: rest)
    default: return nil
    }
  }

  /// The payload that the message is sent as.
  ///
  /// - Throws: `SSMPError.invalid` if it is too long, or its text has an LF.
  func payload() throws(SSMPError) -> Payload {
    var line: String
    switch kind {
    case .request(let verb): line = "?\(tag) \(verb)"
    case .part: line = "+\(tag)"
    case .answer(let code):
      guard (100...999).contains(code) else { throw .invalid("a code has three digits") }
      line = "!\(tag) \(code)"
    }
    if !text.isEmpty { line += " \(text)" }
    guard !line.utf8.contains(10) else { throw .invalid("a text must not have an LF; give it as bytes") }
    guard let bytes else { return try Payload(line) }
    return try Payload(binary: Array(line.utf8) + [10] + bytes)
  }
}
