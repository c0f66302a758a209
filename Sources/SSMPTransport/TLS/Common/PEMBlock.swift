// Where the blocks of a PEM file are.

import Glibc

/// A block of a PEM file, from its BEGIN line to its END line.
struct PEMBlock: Equatable {
  /// What stands in its BEGIN line, as `CERTIFICATE`.
  let label: String
  /// The number of that line, from 1.
  let line: Int

  /// All blocks of a text, in order. Lines whose first character is a `#` are comments.
  ///
  /// - Throws: for a BEGIN or END line that OpenSSL would not take for one, as when it is indented or behind a byte order
  ///   mark, and for one without the other.
  static func all(in text: [UInt8]) throws(TLSError) -> [PEMBlock] {
    var blocks: [PEMBlock] = []
    var open: PEMBlock?
    for (number, content) in markers(in: text) {
      guard let marker = Marker(content) else {
        throw TLSError(
          "line \(number) is no BEGIN or END line, though it looks like one; it has to begin with '-----' and to end with it"
        )
      }
      if marker.isBegin {
        if let open { throw TLSError("the block on line \(open.line) has no END line") }
        open = PEMBlock(label: marker.label, line: number)
      } else {
        guard let begun = open, begun.label == marker.label else {
          throw TLSError("line \(number) ends a block that does not begin")
        }
        blocks.append(begun)
        open = nil
      }
    }
    if let open { throw TLSError("the block on line \(open.line) has no END line") }
    return blocks
  }

  /// A line that begins or ends a block.
  private struct Marker {
    let isBegin: Bool
    let label: String

    /// `nil` when OpenSSL would not take the line for one. It passes over blanks at the end.
    init?(_ line: String) {
      var rest = Substring(line)
      while let last = rest.last, last.isWhitespace { rest.removeLast() }
      let dashes = "-----"
      let isBegin = rest.hasPrefix(dashes + "BEGIN ")
      let start = dashes + (isBegin ? "BEGIN " : "END ")
      guard rest.hasPrefix(start), rest.hasSuffix(dashes), rest.count > start.count + dashes.count else { return nil }
      self.isBegin = isBegin
      label = String(rest.dropFirst(start.count).dropLast(dashes.count))
    }
  }

  /// The lines that are, or look as if they were to be, such lines, with their numbers. A revocation list has a million
  /// others, which have no `-`.
  private static func markers(in text: [UInt8]) -> [(number: Int, line: String)] {
    var found: [(number: Int, line: String)] = []
    unsafe text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      var start = 0
      var number = 0
      while start < bytes.count {
        number += 1
        let end =
          unsafe memchr(base + start, 10, bytes.count - start).map { unsafe UnsafeRawPointer($0) - base } ?? bytes.count
        defer { start = end + 1 }
        guard unsafe memchr(base + start, Int32(UInt8(ascii: "-")), end - start) != nil else { continue }
        let line = unsafe String(decoding: bytes[start..<end], as: UTF8.self)
        if line.hasPrefix("#") || !(line.has("-BEGIN ") || line.has("-END ")) { continue }
        found.append((number, line))
      }
    }
    return found
  }
}
