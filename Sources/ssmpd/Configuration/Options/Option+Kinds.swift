// Options whose values are of a common kind.

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
      guard let value = Units.milliseconds(text), value <= Ranges.time.upperBound, Ranges.time.contains(UInt32(value))
      else {
        throw badTime(name, text, "a time from 1ms to 7d (10s, 500ms, 2m)")
      }
      return UInt32(value)
    }
  }

  /// What is wrong with a time; what is meant where only the unit is spelled in another way.
  static func badTime(_ name: String, _ text: String, _ accepted: String) -> ConfigurationError {
    // What is read already is out of range.
    guard Units.milliseconds(text) == nil, let meant = Units.timeMeant(by: text) else {
      return ConfigurationError(setting: name, value: text, accepted: .init(accepted))
    }
    return ConfigurationError(setting: name, value: text, problem: "the units are ms, s, m, h and d", accepted: meant)
  }

  static func size(
    _ name: String, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, Int>,
    _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Units.describe(bytes: Configuration()[keyPath: path])
    return value(name, .limits, change, "\(help) (default: \(initial))", "SIZE", path) {
      (text) throws(ConfigurationError) in
      guard let value = Units.bytes(text), range.contains(value) else {
        if let meant = Units.sizeMeant(by: text), Units.bytes(meant).map(range.contains) == true {
          throw ConfigurationError(
            setting: name, value: text, problem: "the units are B, KiB, MiB and GiB", accepted: meant)
        }
        let lower = Units.describe(bytes: range.lowerBound)
        let upper = Units.describe(bytes: range.upperBound)
        throw ConfigurationError(setting: name, value: text, accepted: "a size from \(lower) to \(upper)")
      }
      return value
    }
  }

  static func count(
    _ name: String, _ group: Group, _ change: Change, _ help: String, _ path: WritableKeyPath<Configuration, Int>,
    _ range: ClosedRange<Int>
  ) -> Option {
    let initial = Configuration()[keyPath: path]
    return value(name, group, change, "\(help) (default: \(initial))", "N", path) {
      (text) throws(ConfigurationError) in try number(text, name, range)
    }
  }

  static func number(
    _ text: String, _ setting: String, _ range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int {
    guard let value = Units.digits(text), range.contains(value) else {
      throw ConfigurationError(
        setting: setting, value: text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

extension Option {
  /// Does to the configuration what it says.
  ///
  /// - Parameter value: what was given with it, if anything was.
  func apply(_ value: String?, to configuration: inout Configuration) throws(ConfigurationError) {
    switch effect {
    case .action(let apply):
      guard value == nil else { throw ConfigurationError("\(setting: name) takes no value") }
      apply(&configuration)
    case .flag(let apply):
      switch value {
      case nil, "yes": apply(&configuration, true)
      case "no": apply(&configuration, false)
      case let other?: throw ConfigurationError(setting: name, value: other, accepted: "yes or no, or nothing for yes")
      }
    case .question(_, let apply): try apply(&configuration, value)
    case .value(let placeholder, let apply):
      guard let value else {
        throw ConfigurationError("\(setting: name) wants a value: \(setting: name) \(placeholder)")
      }
      try apply(&configuration, value)
    }
  }
}
