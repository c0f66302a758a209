// What is wrong with the configuration, in one line.

/// A fault in the configuration: which setting, what it was given, and what would be accepted.
///
/// It reads `--loops: 'x' is not accepted; give ...`, or, once it is known that the setting stands in the configuration
/// file, `FILE:12: loops: 'x' is not accepted; give ...`.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// A place in the configuration file; without a line it is the file as a whole, which lacks something.
  struct Place: Equatable, Sendable {
    let file: String
    var line: Int?
  }

  /// The name of the setting, without dashes; `nil` when it is about none.
  let setting: String?
  /// Which one it is of a setting that is given several times.
  let occurrence: Int
  /// Where it was given; `nil` for the command line.
  var place: Place?
  private var problem: Wording

  /// What is wrong with no setting in particular.
  init(_ problem: Wording, at place: Place? = nil) {
    setting = nil
    occurrence = 0
    self.place = place
    self.problem = problem
  }

  /// What is wrong with a setting.
  init(setting: String, occurrence: Int = 0, _ problem: Wording) {
    // With the dashes of the command line or without them.
    self.setting = String(setting.trimmingPrefix("--"))
    self.occurrence = occurrence
    self.problem = problem
  }

  /// The value of a setting is not one of those that are accepted.
  init(setting: String, value: String, accepted: Wording) {
    self.init(setting: setting, "'\(value.clipped.printable)' is not accepted; give \(wording: accepted)")
  }

  /// The same fault, with more to say about it.
  func adding(_ more: Wording) -> ConfigurationError {
    var error = self
    error.problem = "\(wording: problem)\(wording: more)"
    return error
  }

  var description: String {
    guard let place else { return (setting.map { "--\($0): " } ?? "") + problem.text(dashes: "--") }
    let line = place.line.map { ":\($0)" } ?? ""
    return "\(place.file.printable)\(line): \(setting.map { "\($0): " } ?? "")\(problem.text(dashes: ""))"
  }
}

extension ConfigurationError {
  /// Text that names settings: with dashes where the command line is meant, without them in the configuration file.
  struct Wording: Equatable, Sendable, ExpressibleByStringInterpolation {
    fileprivate enum Part: Equatable, Sendable {
      case text(String)
      case setting(String)
    }

    struct StringInterpolation: StringInterpolationProtocol {
      fileprivate var parts: [Part] = []

      init(literalCapacity: Int, interpolationCount: Int) {}
      mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
      mutating func appendInterpolation(_ value: some Any) { parts.append(.text("\(value)")) }
      /// The name of a setting, without dashes.
      mutating func appendInterpolation(setting: String) { parts.append(.setting(setting)) }
      mutating func appendInterpolation(wording: Wording) { parts += wording.parts }
    }

    private let parts: [Part]

    init(stringLiteral text: String) { parts = [.text(text)] }
    init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
    init(_ text: String) { parts = [.text(text)] }

    func text(dashes: String) -> String {
      parts.reduce(into: "") { text, part in
        switch part {
        case .text(let piece): text += piece
        case .setting(let name): text += dashes + name
        }
      }
    }
  }
}

/// Everything that is wrong with a configuration file, as far as it was looked for.
struct ConfigurationFaults: Error, CustomStringConvertible {
  /// The most faults that are told of.
  static let limit = 10

  /// In the order of the file; at least one, and no more than are told of.
  private(set) var faults: [ConfigurationError] = []
  /// How many there are in all.
  private(set) var count = 0
  /// True when the next one is told of.
  var hasRoom: Bool { count < Self.limit }

  /// Adds one, which is not made when nobody is told of it: a file of a megabyte may have half a million.
  mutating func add(_ fault: @autoclosure () -> ConfigurationError) {
    if hasRoom { faults.append(fault()) }
    count += 1
  }

  /// One line for each of the first faults, and one for the rest.
  var lines: [String] {
    let rest = count - faults.count
    let more = rest > 0 ? ["\(faults[0].place?.file.printable ?? ""): \(rest) more fault\(rest == 1 ? "" : "s")"] : []
    return faults.map(\.description) + more
  }

  /// The first fault, and how many there are beside it.
  var description: String {
    count == 1 ? "\(faults[0])" : "\(faults[0]) (and \(count - 1) more)"
  }
}

extension String {
  /// The text, or its beginning when it is longer than any value makes sense.
  var clipped: String { utf8.count <= 256 ? self : "\(prefix(64))..." }

  /// The text with control characters and line separators made visible, so that one line stays one line, and a terminal
  /// is not told anything.
  var printable: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
