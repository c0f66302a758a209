// Words that name options as the command line and files of settings write them.

extension OptionError {
  /// Text that names options: with dashes if it is about the command line, without them if it is
  /// about a file of settings.
  ///
  /// `"\(setting: "cert") needs \(setting: "key")"` reads `--cert needs --key`, or `cert needs
  /// key`.
  public struct Wording: Equatable, Sendable, ExpressibleByStringInterpolation {
    fileprivate enum Part: Equatable, Sendable {
      case text(String)
      case setting(String)
    }

    /// What the compiler makes of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
      fileprivate var parts: [Part] = []

      /// An empty text.
      public init(literalCapacity: Int, interpolationCount: Int) {}
      /// Adds text.
      public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
      /// Adds the description of a value.
      public mutating func appendInterpolation(_ value: some Any) { parts.append(.text("\(value)")) }
      /// Adds the name of an option, given without dashes.
      public mutating func appendInterpolation(setting: String) { parts.append(.setting(setting)) }
      /// Adds another wording.
      public mutating func appendInterpolation(wording: Wording) { parts += wording.parts }
    }

    private let parts: [Part]

    /// The wording of a literal.
    public init(stringLiteral text: String) { parts = [.text(text)] }
    /// The wording of an interpolated literal.
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
    /// Text that names no options.
    public init(_ text: String) { parts = [.text(text)] }

    /// The text, with `dashes` before the names of options.
    public func text(dashes: String) -> String {
      parts.reduce(into: "") { text, part in
        switch part {
        case .text(let piece): text += piece
        case .setting(let name): text += dashes + name
        }
      }
    }
  }
}
