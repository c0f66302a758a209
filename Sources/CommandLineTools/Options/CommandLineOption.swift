// What every option of a command line has.

/// One option of a program. A table of options is what `OptionParser` reads arguments with, and
/// what `HelpPages` shows.
public protocol CommandLineOption {
  /// The settings of the program that the option belongs to.
  associatedtype Settings

  /// The name, without dashes.
  var name: String { get }
  /// The letter that does the same after one dash; `nil` if there is none.
  var letter: Character? { get }
  /// What the option does, in a few words without a full stop: the line of `--help`.
  var help: String { get }
  /// What follows the name, and what the option does.
  var effect: OptionEffect<Settings> { get }
}

extension CommandLineOption {
  /// No letter.
  public var letter: Character? { nil }

  /// The option as help texts show it: `--name`, `--name PLACEHOLDER` or `--name [PLACEHOLDER]`,
  /// with the letter in front if there is one.
  public var usage: String {
    let names = (letter.map { "-\($0), " } ?? "") + "--\(name)"
    return switch effect {
    case .value(let placeholder, _): "\(names) \(placeholder)"
    case .question(let placeholder, _): "\(names) [\(placeholder)]"
    case .action, .flag: names
    }
  }

  /// Does to `settings` what the option says. See `OptionEffect.apply`.
  public func apply(_ value: String?, to settings: inout Settings) throws(OptionError) {
    try effect.apply(name, value, to: &settings)
  }
}
