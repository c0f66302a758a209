// What an option takes, and what it does.

/// What follows the name of an option, and what the option does to the settings of a program.
public enum OptionEffect<Settings> {
  /// The option takes no value.
  case action((inout Settings) -> Void)
  /// The option takes `yes` or `no` after a `=`. Without a value it means `yes`.
  case flag((inout Settings, Bool) -> Void)
  /// The option takes a value, which `--help` shows as `placeholder`.
  case value(placeholder: String, (inout Settings, String) throws(OptionError) -> Void)
  /// The option takes the next argument if that is a subject (`OptionParser.isSubject`), and works
  /// without one.
  case question(placeholder: String, (inout Settings, String?) throws(OptionError) -> Void)

  /// Does to `settings` what the option `name` says.
  ///
  /// - Parameter value: the value that was given; `nil` if there was none.
  /// - Throws: an `OptionError` if the value is missing, superfluous or invalid.
  public func apply(_ name: String, _ value: String?, to settings: inout Settings) throws(OptionError) {
    switch self {
    case .action(let apply):
      guard value == nil else { throw OptionError("\(setting: name) takes no value") }
      apply(&settings)
    case .flag(let apply):
      switch value {
      case nil, "yes": apply(&settings, true)
      case "no": apply(&settings, false)
      case let other?: throw OptionError(setting: name, value: other, accepted: "yes or no, or nothing for yes")
      }
    case .question(_, let apply): try apply(&settings, value)
    case .value(let placeholder, let apply):
      guard let value else { throw OptionError("\(setting: name) wants a value: \(setting: name) \(placeholder)") }
      try apply(&settings, value)
    }
  }
}
