// What is wrong with an option or a setting, in one line.

/// The error for an option: which one, its value, and what would be accepted.
///
/// It reads `--loops: 'x' is not accepted; give ...` or, if `place` says that the setting is in a
/// file, `FILE:12: loops: 'x' is not accepted; give ...`.
public struct OptionError: Error, Equatable, CustomStringConvertible {
  /// A place in a file of settings; without a line it is the file as a whole, which lacks
  /// something.
  public struct Place: Equatable, Sendable {
    /// The path of the file.
    public let file: String
    /// The number of the line, from 1.
    public var line: Int?

    /// A line of a file, or the file as a whole.
    public init(file: String, line: Int? = nil) {
      self.file = file
      self.line = line
    }
  }

  /// The name of the option, without dashes; `nil` if the error is about no option.
  public let setting: String?
  /// Which one it is of an option that is given several times, from 0.
  public let occurrence: Int
  /// Where it was given; `nil` for the command line.
  public var place: Place?
  private var problem: Wording

  /// What is wrong with no option in particular.
  public init(_ problem: Wording, at place: Place? = nil) {
    setting = nil
    occurrence = 0
    self.place = place
    self.problem = problem
  }

  /// What is wrong with an option, whose name may be given with its dashes or without them.
  public init(setting: String, occurrence: Int = 0, _ problem: Wording) {
    self.setting = setting.hasPrefix("--") ? String(setting.dropFirst(2)) : setting
    self.occurrence = occurrence
    self.problem = problem
  }

  /// The value of an option is not one of those that are accepted.
  public init(setting: String, value: String, accepted: Wording) {
    self.init(setting: setting, Self.refusal(of: value, accepted))
  }

  /// The value of an option is not accepted, for this reason.
  public init(setting: String, value: String, problem: String, accepted: String) {
    let (value, problem, accepted) = (value.clipped.printable, problem.clipped.printable, accepted.clipped.printable)
    self.init(setting: setting, Wording("'\(value)' is not accepted: \(problem); give \(accepted)"))
  }

  /// An operand, which has no dashes, is not one of those that are accepted.
  public init(operand: String, value: String, accepted: Wording) {
    self.init("\(operand): \(wording: Self.refusal(of: value, accepted))")
  }

  private static func refusal(of value: String, _ accepted: Wording) -> Wording {
    "'\(value.clipped.printable)' is not accepted; give \(wording: accepted)"
  }

  /// The same error, with more to say about it.
  public func adding(_ more: Wording) -> OptionError {
    var error = self
    error.problem = "\(wording: problem)\(wording: more)"
    return error
  }

  /// The line that a user sees.
  public var description: String {
    guard let place else { return (setting.map { "--\($0): " } ?? "") + problem.text(dashes: "--") }
    let line = place.line.map { ":\($0)" } ?? ""
    return "\(place.file.printable)\(line): \(setting.map { "\($0): " } ?? "")\(problem.text(dashes: ""))"
  }
}
