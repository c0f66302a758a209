// Options of programs that have nothing to say about an option beyond its line of `--help`.

/// One line of a table of options, made by one of the functions below.
public struct ProgramOption<Settings>: CommandLineOption {
  /// The name, without dashes.
  public let name: String
  /// The letter that does the same after one dash.
  public private(set) var letter: Character?
  /// The line of `--help`.
  public let help: String
  /// What follows the name, and what the option does.
  public let effect: OptionEffect<Settings>

  /// Makes an option without a letter.
  init(name: String, help: String, effect: OptionEffect<Settings>) {
    (self.name, self.help, self.effect) = (name, help, effect)
  }

  /// The same option with a letter.
  public func with(_ letter: Character) -> Self {
    var option = self
    option.letter = letter
    return option
  }

  /// An option that takes no value.
  public static func action(_ name: String, _ help: String, _ apply: @escaping (inout Settings) -> Void) -> Self {
    ProgramOption(name: name, help: help, effect: .action(apply))
  }

  /// An option whose value `apply` reads.
  public static func value(
    _ name: String, _ help: String, _ placeholder: String,
    _ apply: @escaping (inout Settings, String) throws(OptionError) -> Void
  ) -> Self {
    ProgramOption(name: name, help: help, effect: .value(placeholder: placeholder, apply))
  }

  /// An option whose value is a whole number in `range`.
  public static func number(
    _ name: String, _ help: String, _ range: ClosedRange<Int>, _ apply: @escaping (inout Settings, Int) -> Void
  ) -> Self {
    value(name, help, "N") { (settings, text) throws(OptionError) in
      apply(&settings, try OptionValue.number(text, of: name, in: range))
    }
  }

  /// An option whose value is a time, which `apply` gets in milliseconds.
  ///
  /// - Parameter longest: the longest time that is accepted, as `Units.milliseconds` reads it:
  ///   `24h`.
  public static func time(
    _ name: String, _ help: String, upTo longest: String, _ apply: @escaping (inout Settings, UInt64) -> Void
  ) -> Self {
    guard let limit = Units.milliseconds(longest) else { preconditionFailure("'\(longest)' is no time") }
    let accepted = "a time up to \(longest) (10s, 500ms, 2m)"
    return value(name, help, "TIME") { (settings, text) throws(OptionError) in
      apply(&settings, try OptionValue.milliseconds(text, of: name, in: 0...limit, accepted: accepted))
    }
  }

  /// `--help [NAME]`: `apply` gets the name, or `nil` for the whole text.
  public static func question(
    _ name: String, _ help: String, _ placeholder: String, _ apply: @escaping (inout Settings, String?) -> Void
  ) -> Self {
    ProgramOption(name: name, help: help, effect: .question(placeholder: placeholder) { apply(&$0, $1) })
  }
}
