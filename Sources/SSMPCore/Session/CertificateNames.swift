// The names that a client certificate proves.

/// The names under which the holder of a verified client certificate may log in (Client certificate).
///
/// A name proves itself as an identifier, and every identifier that continues it behind a `/`. Bytes are compared as they
/// are: other case is another name, and a wildcard is no pattern.
public struct CertificateNames: Sendable, Equatable {
  /// The names that count, each usable as an identifier.
  public let names: [[UInt8]]

  /// The names of a certificate.
  ///
  /// - Parameters:
  ///   - commonNames: all Common Names of the subject. Several of them are ambiguous, and then none counts.
  ///   - alternativeNames: the DNS, e-mail and URI names, and the IP addresses as text.
  ///
  /// Names that no identifier can equal do not count: empty ones, those longer than 64 bytes, and those with a byte outside
  /// `ID`. Neither does `.`, which is nobody's identity.
  public init(commonNames: [[UInt8]], alternativeNames: [[UInt8]]) {
    let candidates = (commonNames.count == 1 ? commonNames : []) + alternativeNames
    names = candidates.filter(Self.isUsable)
  }

  private static func isUsable(_ name: [UInt8]) -> Bool {
    !name.isEmpty && name.count <= Bounds.id && name.allSatisfy(\.isID) && name != [UInt8(ascii: ".")]
  }

  /// True when the certificate proves the identifier `bytes[range]`: a name, or a name followed by `/` and something more.
  func prove(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    names.contains { name in
      guard range.count >= name.count else { return false }
      for index in 0..<name.count where bytes.byte(range.lowerBound + index) != name[index] { return false }
      if range.count == name.count { return true }
      // At least one byte behind the slash.
      return range.count >= name.count + 2 && bytes.byte(range.lowerBound + name.count) == UInt8(ascii: "/")
    }
  }
}
