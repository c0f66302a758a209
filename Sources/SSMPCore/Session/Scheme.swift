// The authentication schemes.

/// An authentication scheme (Authentication schemes).
public enum Scheme: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// A client certificate that names the identity (Client certificate).
  case cert
  /// A secret that both sides know (Shared secret).
  case secret
  /// No authentication at all (Open login).
  case open

  /// The scheme as LOGIN and 401 spell it.
  public var name: StaticString {
    switch self {
    case .cert: "cert"
    case .secret: "secret"
    case .open: "open"
    }
  }

  /// The scheme that `bytes[range]` spells, exactly.
  init?(_ bytes: RawSpan, _ range: Range<Int>) {
    let found = Scheme.allCases.first { scheme in
      let name = scheme.name
      guard name.utf8CodeUnitCount == range.count else { return false }
      return (0..<range.count).allSatisfy { unsafe name.utf8Start[$0] == bytes.byte(range.lowerBound + $0) }
    }
    guard let found else { return nil }
    self = found
  }
}

/// A set of schemes: what a listener offers.
public struct SchemeSet: OptionSet, BitwiseCopyable, Sendable {
  /// One bit for each scheme, at the place of its raw value.
  public let rawValue: UInt8

  /// The set with these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The set of the schemes given.
  public init(_ schemes: [Scheme]) {
    rawValue = schemes.reduce(0) { $0 | 1 << $1.rawValue }
  }

  /// True when the set holds `scheme`.
  public func offers(_ scheme: Scheme) -> Bool { rawValue >> scheme.rawValue & 1 != 0 }

  /// The schemes of the set, in the order in which 401 lists them.
  public var schemes: [Scheme] { Scheme.allCases.filter(offers) }
}
