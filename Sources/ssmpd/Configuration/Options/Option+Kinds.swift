// Options whose values are of a common kind.

import CommandLineTools

extension Option {
  /// A part of the configuration that a setting sets.
  struct Field {
    let differs: (Configuration, Configuration) -> Bool
    /// Takes over what the second configuration has; true when the first one had something else.
    let keep: (inout Configuration, Configuration) -> Bool
    /// Puts it back to its default.
    let reset: (inout Configuration) -> Void

    /// - Parameter keep: takes over less than all of it.
    init<Value: Equatable>(
      _ path: WritableKeyPath<Configuration, Value>, keep: ((inout Configuration, Configuration) -> Bool)? = nil
    ) {
      differs = { $0[keyPath: path] != $1[keyPath: path] }
      reset = { $0[keyPath: path] = Configuration()[keyPath: path] }
      self.keep =
        keep ?? { configuration, old in
          guard configuration[keyPath: path] != old[keyPath: path] else { return false }
          configuration[keyPath: path] = old[keyPath: path]
          return true
        }
    }
  }

  static func flag(
    _ name: String, _ group: Group, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, Bool>
  ) -> Option {
    Option(
      name: name, group: group, change: change, help: help, effect: .flag { $0[keyPath: path] = $1 }, field: Field(path)
    )
  }

  static func action(_ name: String, _ help: String, _ action: Configuration.Action) -> Option {
    Option(
      name: name, group: .running, change: .notASetting, help: help, effect: .action { $0.action = action })
  }

  /// A setting whose text `parse` makes a value of.
  static func value<Value: Equatable>(
    _ name: String, _ group: Group, _ change: Change, _ help: String, _ placeholder: String,
    _ path: WritableKeyPath<Configuration, Value>,
    _ parse: @escaping (String) throws(ConfigurationError) -> Value
  ) -> Option {
    Option(
      name: name, group: group, change: change, help: help,
      effect: .value(placeholder: placeholder) { (configuration, text) throws(ConfigurationError) in
        configuration[keyPath: path] = try parse(text)
      }, field: Field(path))
  }

  static func file(
    _ name: String, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, String?>
  ) -> Option {
    value(name, .certificates, change, help, "FILE", path) { $0 }
  }

  /// A file that keeps somebody out, which only `no` takes away again in a reload.
  static func protection(
    _ name: String, _ group: Group, _ help: String, _ path: WritableKeyPath<Configuration, String?>
  ) -> Option {
    Option(
      name: name, group: group, change: .reloadable, help: help,
      effect: .value(placeholder: "FILE") { configuration, text in
        configuration[keyPath: path] = text == "no" ? nil : text
        if text == "no" { configuration.turnedOff.insert(name) } else { configuration.turnedOff.remove(name) }
      }, field: Field(path))
  }

  static func time(
    _ name: String, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, UInt32>
  ) -> Option {
    let initial = Units.describe(milliseconds: Configuration()[keyPath: path])
    return value(name, .times, change, "\(help) (default: \(initial))", "TIME", path) {
      (text) throws(ConfigurationError) in
      try milliseconds(text, name, Ranges.time, accepted: "a time from 1ms to 7d (10s, 500ms, 2m)")
    }
  }

  static func milliseconds(
    _ text: String, _ name: String, _ range: ClosedRange<UInt32>, accepted: String
  ) throws(ConfigurationError) -> UInt32 {
    let range = UInt64(range.lowerBound)...UInt64(range.upperBound)
    return UInt32(try OptionValue.milliseconds(text, of: name, in: range, accepted: accepted))
  }

  static func size(
    _ name: String, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, Int>,
    _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Units.describe(bytes: Configuration()[keyPath: path])
    return value(name, .limits, change, "\(help) (default: \(initial))", "SIZE", path) {
      (text) throws(ConfigurationError) in
      try OptionValue.bytes(text, of: name, in: range)
    }
  }

  static func count(
    _ name: String, _ group: Group, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, Int>,
    _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Configuration()[keyPath: path]
    return value(name, group, change, "\(help) (default: \(initial))", "N", path) {
      (text) throws(ConfigurationError) in try OptionValue.number(text, of: name, in: range)
    }
  }
}
